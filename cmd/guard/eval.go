package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/report"
)

// never is the threshold that nothing reaches.
const never = "never"

func evalCommand() *cobra.Command {
	var o engine.Options
	var files []string
	var output, failOn, unknown string
	cmd := &cobra.Command{
		Use:   "eval [PATH...]",
		Short: "Judge manifests, or the change to them",
		Long: "Judge the manifests in files, folders, globs or standard input (-). With --base, judge the change from there\n" +
			"to PATH: what it adds, and what it deletes.\n\n" +
			"Exit code 0: nothing at or above --fail-on. 1: findings. 2: guard could not do all of its job.",
		Example: "  guard eval deploy/\n" +
			"  guard eval new/ --base old/\n" +
			"  kubectl get pv,pvc -A -o yaml | guard eval -",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Paths = append(slices.Clone(args), files...)
			if len(o.Paths) == 0 {
				return errors.New("read arguments: name files or folders, or - for standard input")
			}
			threshold := policy.Severity(failOn)
			if failOn != never && threshold.Rank() == len(policy.Severities()) {
				return fmt.Errorf("read --fail-on %q: want critical, high, medium, low, info or never", failOn)
			}
			o.Unknown = engine.Doubt(unknown)
			if !slices.Contains([]engine.Doubt{engine.Report, engine.Fail, engine.Ignore}, o.Unknown) {
				return fmt.Errorf("read --unknown %q: want report, fail or ignore", unknown)
			}
			if output != "text" && output != "json" {
				return fmt.Errorf("read --output %q: want text or json", output)
			}
			o.Stdin, o.Now = cmd.InOrStdin(), time.Now()
			result, err := engine.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			return tell(cmd, result, output, failOn)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&files, "filename", "f", nil, "file, folder, glob or - to read (repeatable; the same as PATH)")
	flags.StringVar(&o.Base, "base", "", "file or folder with the state before the change")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	flags.StringVar(&failOn, "fail-on", string(policy.High), "least severity that makes the exit code 1; never for none")
	flags.StringArrayVar(&o.Policies, "policies", nil, "folder with more policies, ConstraintTemplates and constraints (repeatable)")
	flags.StringSliceVar(&o.Include, "include", nil, "ask only these policies")
	flags.StringSliceVar(&o.Exclude, "exclude", nil, "do not ask these policies")
	flags.StringVarP(&o.Namespace, "namespace", "n", "default", "namespace of objects that name none")
	flags.StringVar(&unknown, "unknown", string(engine.Report), "findings about a state that rest on objects nobody showed: report, fail or ignore")
	flags.BoolVar(&o.All, "all", false, "with --base, show findings that the base has too")
	flags.BoolVar(&o.AllowEmpty, "allow-empty", false, "no objects, or no policies, is no problem")
	complete(cmd, "include", completeIDs)
	complete(cmd, "exclude", completeIDs)
	complete(cmd, "output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "unknown", cobra.FixedCompletions([]string{"report", "fail", "ignore"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "fail-on", cobra.FixedCompletions([]string{"critical", "high", "medium", "low", "info", never}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// tell prints the result and turns it into an exit code.
func tell(cmd *cobra.Command, result *finding.Result, output, failOn string) error {
	var err error
	if output == "json" {
		err = report.JSON(cmd.OutOrStdout(), result)
	} else {
		err = report.Text(cmd.OutOrStdout(), result, colourful(cmd))
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for _, p := range result.Problems {
		if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "error: %s\n", report.Clean(p.String())); err != nil {
			return fmt.Errorf("write problems: %w", err)
		}
	}
	switch {
	case len(result.Problems) > 0:
		return errSaid
	case failOn != never && result.Worst(policy.Severity(failOn)) > 0:
		return errFindings
	default:
		return nil
	}
}

// colourful says that a person looks at a terminal that shows colours (https://no-color.org).
func colourful(cmd *cobra.Command) bool {
	file, ok := cmd.OutOrStdout().(*os.File)
	return ok && isatty.IsTerminal(file.Fd()) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// complete cannot fail: the flag was defined a line above.
func complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err)
	}
}

func completeIDs(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	all, err := engine.Policies(nil)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var ids []string
	for _, p := range all {
		ids = append(ids, p.ID+"\t"+p.Title)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
