package snapshot

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// skippable begins a frame that a Zstandard decoder passes over (RFC 8878, 3.1.2).
const skippable = 0x184D2A50

func frame(payload string) []byte {
	f := binary.LittleEndian.AppendUint32(nil, skippable)
	f = binary.LittleEndian.AppendUint32(f, uint32(len(payload))) //nolint:gosec // both are short texts
	return append(f, payload...)
}

// opening begins a file of this version; openings of other versions begin with the same name.
func opening() []byte { return frame(fmt.Sprintf("%s %d\n", format, Version)) }

// closing ends a file. Its length does not depend on what it says.
func closing(objects int, sum []byte) []byte {
	return frame(fmt.Sprintf("%s objects=%012d sha256=%x\n", format, objects, sum))
}

// begins says what a file is by its first bytes: ours says whether guard wrote it, and err whether this guard cannot read it.
func begins(text []byte) (ours bool, err error) {
	first := opening()
	switch name := []byte(format + " "); {
	case bytes.HasPrefix(text, first):
		return true, nil
	case len(text) > 8 && binary.LittleEndian.Uint32(text) == skippable && bytes.HasPrefix(text[8:], name):
		version, _, _ := bytes.Cut(text[8+len(name):], []byte("\n"))
		return true, fmt.Errorf("it is a snapshot of format version %.12q; this guard reads version %d", version, Version)
	default:
		return false, nil
	}
}
