package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/data-guard/guard/engine/object"
)

// Write puts the snapshot into a file that only its owner may read. It is written beside under another name, read back and
// compared, and renamed: a file of that name is there as a whole, as it was before, or not at all. When ctx ends, nothing
// is left behind.
func (s *Snapshot) Write(ctx context.Context, path string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	closed := false
	defer func() {
		if !closed {
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			err = errors.Join(fmt.Errorf("write snapshot %s: %w", path, err), os.Remove(file.Name()))
		}
	}()
	if err := s.encode(ctx, file); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	closed = true
	if err := file.Close(); err != nil {
		return err
	}
	if err := s.check(file.Name()); err != nil {
		return fmt.Errorf("read it back: %w", err)
	}
	if err := errors.Join(ctx.Err(), os.Rename(file.Name(), path)); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// check reads what was written and compares.
func (s *Snapshot) check(path string) error {
	again, err := Read(path)
	if err != nil {
		return err
	}
	was, is := s.Objects(), again.Objects()
	if len(was) != len(is) {
		return fmt.Errorf("%d objects became %d", len(was), len(is))
	}
	for i := range was {
		if was[i].Value.Compare(is[i].Value) != 0 {
			return fmt.Errorf("%s became another", was[i])
		}
	}
	return nil
}

// syncFolder makes the new name outlast a crash. Where a folder cannot be synced the file is there nevertheless.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	_ = folder.Sync() //nolint:errcheck // see above
	return folder.Close()
}

// encode writes the frames of the file.
func (s *Snapshot) encode(ctx context.Context, file io.Writer) error {
	sum := sha256.New()
	all := io.MultiWriter(file, sum)
	if _, err := all.Write(opening()); err != nil {
		return err
	}
	// One goroutine: how many there are must not show in the bytes.
	packer, err := zstd.NewWriter(all, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		return err
	}
	counted := &limited{to: packer, left: maxText}
	objects, err := s.lines(ctx, json.NewEncoder(counted))
	if err := errors.Join(err, packer.Close()); err != nil {
		return err
	}
	_, err = file.Write(closing(objects, sum.Sum(nil)))
	return err
}

func (s *Snapshot) lines(ctx context.Context, encoder *json.Encoder) (objects int, err error) {
	encoder.SetEscapeHTML(false)
	h := s.header()
	if n := h.objects(); n > maxObjects {
		return 0, fmt.Errorf("there are %d objects; guard reads %d; take it a namespace at a time, with -n", n, maxObjects)
	}
	if err := encoder.Encode(h); err != nil {
		return 0, err
	}
	for _, o := range s.Objects() {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if err := line(encoder, o); err != nil {
			return 0, err
		}
		objects++
	}
	return objects, encoder.Encode(end{objects})
}

func line(encoder *json.Encoder, o *object.Object) error {
	plain, err := ast.JSON(o.Value)
	if err != nil {
		return fmt.Errorf("convert %s: %w", o, err)
	}
	return encoder.Encode(plain)
}

// limited refuses to write what nobody would read.
type limited struct {
	to   io.Writer
	left int64
}

func (l *limited) Write(text []byte) (int, error) {
	if l.left -= int64(len(text)); l.left < 0 {
		return 0, fmt.Errorf("it would unpack to more than %d MiB; take it a namespace at a time, with -n", maxText>>20)
	}
	return l.to.Write(text)
}
