package snapshot_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/data-guard/guard/engine/source/snapshot"
)

func packed(t *testing.T, lines ...string) []byte {
	t.Helper()
	var file bytes.Buffer
	writer, err := zstd.NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if _, err := io.WriteString(writer, line); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// sealed is a file whose sums are right, whatever is in it.
func sealed(objects int, packed []byte) []byte {
	frame := func(text string) []byte {
		f := binary.LittleEndian.AppendUint32(nil, 0x184D2A50)
		return append(binary.LittleEndian.AppendUint32(f, uint32(len(text))), text...)
	}
	file := append(frame("guard-snapshot 1\n"), packed...)
	return append(file, frame(fmt.Sprintf("guard-snapshot objects=%012d sha256=%x\n", objects, sha256.Sum256(file)))...)
}

func TestAFileThatSomebodyForgedIsRefused(t *testing.T) {
	t.Parallel()
	const header = `{"format":"guard-snapshot","version":1,"taken":"2026-03-01T12:00:00Z","kinds":[{"version":"v1","kind":"Pod","read":{"objects":1}}]}` + "\n"
	const pod = `{"apiVersion":"v1","kind":"Pod"}` + "\n"
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, sealed(1, packed(t, header, pod, `{"objects":1}`)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Read(path); err != nil {
		t.Fatalf("the forgery is none: %v", err)
	}
	for want, file := range map[string][]byte{
		"it holds 1 objects and ends with 2":  sealed(2, packed(t, header, pod, `{"objects":1}`)),
		"unexpected EOF":                      sealed(1, packed(t, header)),
		"the last line is not that of 1":      sealed(1, packed(t, header, pod, `{"objects":2}`)),
		"something stands after the end":      sealed(1, packed(t, header, pod, "{\"objects\":1}\n{}")),
		"read header":                         sealed(1, packed(t, "[]\n")),
		`the header is that of "", version 0`: sealed(1, packed(t, "{}\n")),
		"apiVersion is missing":               sealed(1, packed(t, header, "{}\n")),
		"stands among the v1/Pod":             sealed(1, packed(t, header, `{"apiVersion":"v1","kind":"Node"}`+"\n")),
		"counts -1 objects":                   sealed(1, packed(t, strings.Replace(header, `"objects":1`, `"objects":-1`, 1))),
		"guard reads 1000000":                 sealed(1, packed(t, strings.Replace(header, `"objects":1`, `"objects":1000001`, 1))),
		"a line is longer than 16 MiB":        sealed(1, packed(t, header, strings.Repeat(" ", 17<<20))),
		"unpack":                              sealed(1, []byte("no frame at all")),
	} {
		refused(t, want, file, want)
	}
}

// TestABombStaysSmall unpacks to more than a snapshot may.
func TestABombStaysSmall(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	writer, err := zstd.NewWriter(&file, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		t.Fatal(err)
	}
	line := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"` + strings.Repeat("a", 4<<20) + `"}}` + "\n"
	lines := (1 << 30 / len(line)) + 2
	fmt.Fprintf(writer, `{"format":"guard-snapshot","version":1,"taken":"2026-03-01T12:00:00Z","kinds":[{"version":"v1","kind":"Pod","read":{"objects":1}}]}`+"\n")
	for range lines {
		if _, err := io.WriteString(writer, line); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, "a bomb", sealed(1, file.Bytes()), "the last line is not that of 1")
}
