package snapshot

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/data-guard/guard/engine/object"
)

const (
	// maxText is how much a file may unpack to, in bytes: some 300,000 pods.
	maxText = 1 << 30
	// maxObjects bounds what becomes of that in memory.
	maxObjects = 1_000_000
	// maxLine is how long a line may be: an object is no larger than a request to the API server (3 MiB), and a header names
	// a few thousand kinds.
	maxLine = 16 << 20
	// maxWindow bounds what the decoder keeps.
	maxWindow = 64 << 20
)

// Is says whether the file is one that guard wrote, whole or not; false also for what cannot be opened.
func Is(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close() //nolint:errcheck // nothing was written
	text := make([]byte, len(opening()))
	n, err := io.ReadFull(file, text)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	ours, _ := begins(text[:n]) //nolint:errcheck // of another version it is, too
	return ours
}

// Read reads a file that Write wrote. Any other, and one of which a single bit is not as it was written, is an error.
func Read(path string) (*Snapshot, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open snapshot: %w", errors.Unwrap(err))
	}
	defer file.Close() //nolint:errcheck // nothing was written
	s, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", path, err)
	}
	return s, nil
}

func read(file *os.File) (*Snapshot, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a folder")
	}
	first := make([]byte, min(info.Size(), 64))
	if _, err := file.ReadAt(first, 0); err != nil {
		return nil, err
	}
	switch ours, err := begins(first); {
	case err != nil:
		return nil, err
	case !ours:
		return nil, errors.New("it is no snapshot of guard, or its beginning is missing")
	}
	body, objects, err := whole(file, info.Size())
	if err != nil {
		return nil, err
	}
	return unpack(io.NewSectionReader(file, 0, body), objects)
}

// errTorn is said of a file that is not as it was written.
var errTorn = errors.New("it is torn: it was cut, changed or not copied whole")

// whole says how many bytes the closing frame stands behind, and how many objects it counts.
func whole(file io.ReaderAt, size int64) (body int64, objects int, err error) {
	stands := make([]byte, len(closing(0, make([]byte, sha256.Size))))
	if body = size - int64(len(stands)); body < int64(len(opening())) {
		return 0, 0, errTorn
	}
	if _, err := file.ReadAt(stands, body); err != nil {
		return 0, 0, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, body)); err != nil {
		return 0, 0, err
	}
	if _, err := fmt.Sscanf(string(stands[8:]), format+" objects=%d", &objects); err != nil || !bytes.Equal(stands, closing(objects, sum.Sum(nil))) {
		return 0, 0, errTorn
	}
	return body, objects, nil
}

// unpack reads the lines. They are as somebody wrote them on purpose, which need not have been guard.
func unpack(file io.Reader, objects int) (*Snapshot, error) {
	unpacker, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderMaxMemory(maxText))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	defer unpacker.Close()
	bounded := &io.LimitedReader{R: unpacker, N: maxText + 1}
	lines := bufio.NewScanner(bounded)
	lines.Buffer(nil, maxLine)
	next := func() ([]byte, error) {
		switch {
		case lines.Scan():
			return lines.Bytes(), nil
		case errors.Is(lines.Err(), bufio.ErrTooLong):
			return nil, fmt.Errorf("a line is longer than %d MiB", maxLine>>20)
		case lines.Err() != nil:
			return nil, fmt.Errorf("unpack: %w", lines.Err())
		case bounded.N <= 0:
			return nil, fmt.Errorf("it unpacks to more than %d MiB", maxText>>20)
		default:
			return nil, io.ErrUnexpectedEOF
		}
	}
	s, err := parse(next)
	if err != nil {
		return nil, err
	}
	if got := len(s.Objects()); got != objects {
		return nil, fmt.Errorf("it holds %d objects and ends with %d", got, objects)
	}
	if _, err := next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.Join(errors.New("something stands after the end"), err)
	}
	return s, nil
}

// parse reads header, objects and end.
func parse(next func() ([]byte, error)) (*Snapshot, error) {
	text, err := next()
	if err != nil {
		return nil, err
	}
	var h header
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	s, err := h.snapshot()
	if err != nil {
		return nil, err
	}
	if n := h.objects(); n > maxObjects {
		return nil, fmt.Errorf("it holds %d objects; guard reads %d", n, maxObjects)
	}
	decoder := object.NewDecoder()
	for i, k := range h.Kinds {
		if k.Listing == nil {
			continue
		}
		for range k.Listing.Objects {
			text, err := next()
			if err != nil {
				return nil, err
			}
			o, err := parseObject(decoder, text)
			if err != nil {
				return nil, err
			}
			if o.Group != k.Group || o.Version != k.Version || o.Kind != k.Kind {
				return nil, fmt.Errorf("a %s %s stands among the %s", o.APIVersion(), o, s.Kinds[i])
			}
			s.Kinds[i].Listing.Objects = append(s.Kinds[i].Listing.Objects, o)
		}
	}
	if text, err = next(); err != nil {
		return nil, err
	}
	var last end
	if err := json.Unmarshal(text, &last); err != nil || last.Objects != len(s.Objects()) {
		return nil, fmt.Errorf("the last line is not that of %d objects", len(s.Objects()))
	}
	return s, nil
}

func parseObject(decoder *object.Decoder, text []byte) (*object.Object, error) {
	value, _, err := decoder.DecodeJSON(text)
	if err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	return object.New(value, object.Origin{})
}
