// Package e2e follows the operators' page of the bundle, command by command, as a reader would.
package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/data-guard/guard/e2e/cluster"
)

// Step is a block of commands on the page, by the heading above it.
type Step struct{ Heading, Commands string }

var (
	heading = regexp.MustCompile(`(?m)^## (.*)$`)
	block   = regexp.MustCompile("(?s)```sh[^\n]*\n(.*?)```")
)

// Steps are the blocks of the page in its order. Root is the repository.
func Steps(root string) ([]Step, error) {
	text, err := os.ReadFile(filepath.Join(root, "bundle", "gatekeeper", "README.md"))
	if err != nil {
		return nil, fmt.Errorf("read the operators' page: %w", err)
	}
	var steps []Step
	headings := heading.FindAllSubmatchIndex(text, -1)
	for i, at := range headings {
		end := len(text)
		if i+1 < len(headings) {
			end = headings[i+1][0]
		}
		for _, commands := range block.FindAllSubmatch(text[at[1]:end], -1) {
			steps = append(steps, Step{string(text[at[2]:at[3]]), string(commands[1])})
		}
	}
	return steps, nil
}

// Follow runs the steps whose heading contains one of the words, as the administrator of the cluster, from the
// repository's root. The first command that does not exit 0 is an error, with its output.
func Follow(ctx context.Context, c *cluster.Cluster, root string, words ...string) error {
	steps, err := Steps(root)
	if err != nil {
		return err
	}
	for _, word := range words {
		found := false
		for _, step := range steps {
			if !strings.Contains(step.Heading, word) {
				continue
			}
			found = true
			if out, err := Shell(ctx, c, root, step.Commands); err != nil {
				return fmt.Errorf("follow step %q: %w\n%s", step.Heading, err, out)
			}
		}
		if !found {
			return fmt.Errorf("follow step %q: the page has no such step", word)
		}
	}
	return nil
}

// Shell runs commands with kubectl, gator and the administrator's kubeconfig, and returns what they print.
func Shell(ctx context.Context, c *cluster.Cluster, root, commands string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", commands)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig(cluster.Admin), "PATH="+c.BinaryFolder()+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}
