package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

// TestREADME holds the README to what guard prints and does: the finding that it shows is the first that its first
// command prints, and that command finds something.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(text), "```\n")
	shown, _, _ = strings.Cut(shown, "```\n")
	_, command, _ := strings.Cut(string(text), "    go run ./cmd/guard ")
	command, _, _ = strings.Cut(command, "\n")
	t.Chdir("../..")
	var out bytes.Buffer
	cmd := root()
	cmd.SetArgs(strings.Fields(command))
	cmd.SetOut(&out)
	if err := cmd.ExecuteContext(t.Context()); !errors.Is(err, errFindings) {
		t.Errorf("guard %s: %v", command, err)
	}
	if shown == "" || !strings.HasPrefix(out.String(), shown) {
		t.Errorf("the README shows\n%s\nguard prints\n%s", shown, out.String())
	}
}
