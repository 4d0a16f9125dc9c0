package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/data-guard/guard/engine/report"
	"github.com/data-guard/guard/engine/source/snapshot"
)

// inspection is what guard snapshot inspect tells of a file.
type inspection struct {
	File      string            `json:"file"`
	Guard     string            `json:"guard,omitempty"`
	Taken     *time.Time        `json:"taken,omitempty"`
	Age       int64             `json:"ageSeconds,omitempty"`
	Context   string            `json:"context"`
	Namespace string            `json:"onlyNamespace,omitempty"`
	Objects   int               `json:"objects"`
	Kinds     []inspectedKind   `json:"kinds"`
	Gaps      []inspectedGap    `json:"gaps"`
	NotServed []string          `json:"notServed"`
	Failed    map[string]string `json:"apiFailed,omitempty"`
	Problems  []string          `json:"problems"`
}

type inspectedKind struct {
	Kind    string `json:"kind"`
	Objects int    `json:"objects"`
}

type inspectedGap struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	// Left says what could be read nevertheless.
	Left string `json:"left,omitempty"`
}

func inspectCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Say what a snapshot holds and what it lacks",
		Long: "Check a snapshot and say when it was taken, how many objects of which kinds it holds and what could not be read.\n" +
			"FILE may also be what kubectl get has printed, or a folder of that.\n\n" +
			"Exit code 0: the file is whole. 2: it is not, or it is no snapshot.",
		Example: "  guard snapshot inspect prod.snapshot\n" +
			"  guard snapshot inspect prod.snapshot -o json",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("read --output %q: want text or json", output)
			}
			s, err := snapshot.Open(args[0])
			if err != nil {
				return err
			}
			i := inspect(args[0], s, time.Now())
			if output == "json" {
				err = report.Encode(cmd.OutOrStdout(), i)
			} else {
				err = i.print(cmd.OutOrStdout())
			}
			if err != nil {
				return fmt.Errorf("write report: %w", err)
			}
			for _, p := range i.Problems {
				if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "error: %s\n", report.Clean(p)); err != nil {
					return fmt.Errorf("write problems: %w", err)
				}
			}
			if len(i.Problems) > 0 {
				return errSaid
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	complete(cmd, "output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func inspect(path string, s *snapshot.Snapshot, now time.Time) *inspection {
	i := &inspection{
		File: path, Guard: s.Guard, Context: s.Context, Namespace: s.Only, Objects: len(s.Objects()), Kinds: []inspectedKind{},
		Gaps: []inspectedGap{}, NotServed: append([]string{}, s.Absent...), Failed: s.Failed, Problems: []string{},
	}
	if !s.Taken.IsZero() {
		i.Taken, i.Age = &s.Taken, int64(now.Sub(s.Taken).Seconds())
	}
	for _, k := range s.Kinds {
		if k.Listing == nil {
			continue
		}
		i.Kinds = append(i.Kinds, inspectedKind{k.String(), len(k.Listing.Objects)})
		if g := k.Listing.Gap; g != nil {
			i.Gaps = append(i.Gaps, inspectedGap{k.String(), g.Message, strings.Trim(left(k), " ()")})
		}
	}
	for _, p := range s.Problems {
		i.Problems = append(i.Problems, p.Place.String()+": "+p.Message)
	}
	return i
}

func (i *inspection) print(w io.Writer) error {
	var out strings.Builder
	taken := ""
	if i.Taken != nil {
		taken = fmt.Sprintf(", taken %s (%s ago) by guard %s", i.Taken.Format(time.RFC3339), age(time.Duration(i.Age)*time.Second), cmp.Or(i.Guard, "of unknown version"))
	}
	fmt.Fprintf(&out, "%s: cluster %s%s\n", i.File, i.Context, taken)
	if i.Namespace != "" {
		fmt.Fprintf(&out, "only namespace %s, but for kinds that policies look up from elsewhere\n", i.Namespace)
	}
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	var rows strings.Builder
	rows.WriteString("OBJECTS\tKIND\n")
	for _, k := range i.Kinds {
		fmt.Fprintf(&rows, "%d\t%s\n", k.Objects, k.Kind)
	}
	if _, err := io.WriteString(table, rows.String()); err != nil {
		return err
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&out, "%d objects of %d kinds\n", i.Objects, len(i.Kinds)-len(i.Gaps))
	for _, g := range i.Gaps {
		fmt.Fprintf(&out, "not read: %s: %s", g.Kind, g.Message)
		if g.Left != "" {
			fmt.Fprintf(&out, " (%s)", g.Left)
		}
		out.WriteString("\n")
	}
	for _, version := range sortedNames(i.Failed) {
		fmt.Fprintf(&out, "not read: what %s has: %s\n", version, i.Failed[version])
	}
	if len(i.NotServed) > 0 {
		fmt.Fprintf(&out, "not served: %s\n", strings.Join(i.NotServed, " "))
	}
	_, err := io.WriteString(w, report.Clean(out.String()))
	return err
}

func sortedNames(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// age is a time span in its largest unit.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}
