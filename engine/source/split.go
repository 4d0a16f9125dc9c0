package source

import (
	"bytes"
)

// chunk is one document's text and its first line in the file, from 1.
type chunk struct {
	text []byte
	line int
}

// split takes a YAML stream apart where YAML does: at lines that begin with "---" or "...", which no scalar
// may contain at the start of a line (YAML 1.2.2, 9.1.2). A "---" line belongs to the document that it opens,
// and so do directives and comments before it. Chunks with nothing but comments are dropped.
func split(text []byte) []chunk {
	var chunks []chunk
	start, startLine, line := 0, 1, 0
	body, opened := false, false
	flush := func(end, next int) {
		if body {
			chunks = append(chunks, chunk{text[start:end], startLine})
		}
		if body || opened {
			start, startLine = end, next
		}
		body, opened = false, false
	}
	at := 0
	for raw := range bytes.Lines(text) {
		line++
		content := bytes.TrimRight(raw, "\r\n")
		switch {
		case marker(content, "---"):
			flush(at, line)
			body, opened = !blank(content[3:]), true
		case marker(content, "..."):
			opened = true
			flush(at+len(raw), line+1)
		case !blank(content) && !bytes.HasPrefix(content, []byte("%")):
			body = true
		}
		at += len(raw)
	}
	flush(len(text), line+1)
	return chunks
}

func marker(line []byte, mark string) bool {
	return bytes.HasPrefix(line, []byte(mark)) && (len(line) == 3 || line[3] == ' ' || line[3] == '\t')
}

// blank says that a line holds nothing but space and a comment.
func blank(line []byte) bool {
	line = bytes.TrimLeft(line, " \t")
	return len(line) == 0 || line[0] == '#'
}
