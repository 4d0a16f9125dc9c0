package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
)

func bundleCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "bundle", Short: "Work with the bundle for Gatekeeper"}
	cmd.AddCommand(bundleBuildCommand())
	return cmd
}

func bundleBuildCommand() *cobra.Command {
	var folders []string
	var out string
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Write the bundle: templates, constraints, overlays, sync, webhook, suites",
		Long: "Write all policies as Gatekeeper takes them, with overlays that enforce them, SyncSets, the webhook's rules, suites\n" +
			"for gator, and a page that says how to install them. Files of an earlier run that no policy makes any more are removed.",
		Example: "  guard bundle build --out bundle",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := engine.Policies(folders)
			if err != nil {
				return err
			}
			files, err := engine.Bundle(all)
			if err != nil {
				return err
			}
			if err := write(out, files); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %d files below %s\n%s", len(files), out, deletions(all))
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "bundle", "folder to write to")
	cmd.Flags().StringArrayVar(&folders, "policies", nil, "folder with more policies (repeatable)")
	return cmd
}

// write puts each file in place by renaming, so that nobody reads half of one, and then removes what an earlier run
// wrote and this one did not.
func write(out string, files map[string][]byte) error {
	var problems []error
	for name, text := range files {
		problems = append(problems, replace(filepath.Join(out, filepath.FromSlash(name)), text))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	var stale []string
	err := filepath.WalkDir(out, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" {
			return err
		}
		name, err := filepath.Rel(out, path)
		if err != nil {
			return err
		}
		if _, current := files[filepath.ToSlash(name)]; current {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && bytes.HasPrefix(text, []byte(gatekeeper.Header)) {
			stale = append(stale, path)
		}
		return err
	})
	for _, path := range stale {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		return fmt.Errorf("clean bundle: %w", err)
	}
	return nil
}

func replace(path string, text []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	temporary := path + ".new"
	if err := os.WriteFile(temporary, text, fs.FileMode(0o644)); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// deletions says what nobody believes who has installed a template: that it is not asked.
func deletions(policies []*policy.Policy) string {
	n := 0
	for _, p := range policies {
		if p.Asked(policy.AsksDelete) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d policies are about deletions, which Gatekeeper is not sent until its webhook is changed: step 4 of gatekeeper/README.md\n", n)
}
