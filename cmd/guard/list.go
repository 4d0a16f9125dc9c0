package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/policy"
)

func listCommand() *cobra.Command {
	var folders []string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the policies",
		Example: "  guard list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := engine.Policies(folders)
			if err != nil {
				return err
			}
			var rows strings.Builder
			rows.WriteString("POLICY\tCATEGORY\tSEVERITY\tASKS\tTITLE\n")
			for _, p := range all {
				fmt.Fprintf(&rows, "%s\t%s\t%s\t%s\t%s\n", p.ID, p.Category, join(p.Severities), join(p.Asks), p.Title)
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			if _, err := io.WriteString(w, rows.String()); err != nil {
				return fmt.Errorf("write list: %w", err)
			}
			return w.Flush()
		},
	}
	cmd.Flags().StringArrayVar(&folders, "policies", nil, "folder with more policies (repeatable)")
	return cmd
}

func join[S policy.Severity | policy.Question](words []S) string {
	var list []string
	for _, w := range words {
		list = append(list, string(w))
	}
	return strings.Join(list, ",")
}
