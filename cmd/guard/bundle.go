package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/gatekeeper"
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
		Use:     "build",
		Short:   "Write ConstraintTemplates and constraints",
		Long:    "Write ConstraintTemplates and constraints of all policies. Files below gatekeeper/ that no policy makes any more are removed.",
		Example: "  guard bundle build --out bundle",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := engine.Policies(folders)
			if err != nil {
				return err
			}
			files, err := gatekeeper.Files(all)
			if err != nil {
				return err
			}
			if err := write(out, files); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %d files below %s\n", len(files), out)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "bundle", "folder to write to")
	cmd.Flags().StringArrayVar(&folders, "policies", nil, "folder with more policies (repeatable)")
	return cmd
}

// write puts each file in place by renaming, so that nobody reads half of one, and then removes what is stale in
// the folders it wrote to.
func write(out string, files map[string][]byte) error {
	folders := map[string]bool{}
	var problems []error
	for name, text := range files {
		path := filepath.Join(out, filepath.FromSlash(name))
		folders[filepath.Dir(path)] = true
		problems = append(problems, replace(path, text))
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	for folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return fmt.Errorf("clean bundle: %w", err)
		}
		for _, e := range entries {
			path := filepath.Join(folder, e.Name())
			name, err := filepath.Rel(out, path)
			if err != nil {
				return fmt.Errorf("clean bundle: %w", err)
			}
			if _, current := files[filepath.ToSlash(name)]; current || e.IsDir() || !slices.Contains([]string{".yaml"}, filepath.Ext(path)) {
				continue
			}
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("clean bundle: %w", err)
			}
		}
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
