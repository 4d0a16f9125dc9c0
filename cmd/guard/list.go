package main

import (
	"fmt"
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
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "POLICY\tCATEGORY\tSEVERITY\tASKS\tTITLE")
			for _, p := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.ID, p.Category, join(p.Severities), join(p.Asks), p.Title)
			}
			if err := w.Flush(); err != nil {
				return fmt.Errorf("write list: %w", err)
			}
			return nil
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
