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
	"github.com/data-guard/guard/engine/config"
	"github.com/data-guard/guard/engine/finding"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/report"
	"github.com/data-guard/guard/engine/source/cluster"
)

// never is the threshold that nothing reaches.
const never = config.Never

// evalFlags are what the command line says beside engine.Options.
type evalFlags struct {
	engine.Options
	sources
	settled

	output, failOn, unknown string
	live                    bool
	cluster                 cluster.Config
}

func evalCommand() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval [PATH...]",
		Short: "Judge manifests, the change to them, a cluster, or a snapshot of one",
		Long: "Judge the manifests in files, folders, globs or standard input (-), and without PATH in this folder or what\n" +
			".guard.yaml names. In a folder, charts are rendered, kustomizations are built, and the rest is read as manifests.\n\n" +
			"With --base, judge the change from there to PATH: what it destroys, may destroy or leaves with less protection. Base\n" +
			"is a git revision (the change begins at its merge base with what is checked out), or a file, folder or snapshot.\n" +
			"Findings that the base has too are left out.\n\n" +
			"With --live and no PATH, judge the objects of a cluster as they stand: cluster-scoped ones and those in the\n" +
			"namespace of the context, of -n, or with -A in all. With --live and PATH, judge what it means to apply the\n" +
			"manifests to the cluster; what is not among them is not taken to be deleted, unless it is in --base. Objects\n" +
			"that are in no manifest are seen and not judged then. Only kinds that policies are about or look up are read.\n\n" +
			"--snapshot takes a file in place of the cluster: one of guard snapshot, or what kubectl get has printed as JSON or\n" +
			"YAML, or a folder of that (kubectl cluster-info dump, a support bundle). Without PATH, all that it holds is judged,\n" +
			"at the moment at which it was taken. As --base, a snapshot is the cluster before the change, and what Helm, Argo CD\n" +
			"or Flux has deployed there together with objects in PATH, and PATH no longer has, is deleted.\n\n" +
			"Exit code 0: nothing at or above --fail-on. 1: findings. 2: guard could not do all of its job.",
		Example: "  guard eval\n" +
			"  guard eval --base origin/main\n" +
			"  guard eval --chart charts/db --values prod.yaml -n shop\n" +
			"  guard eval -k overlays/prod --base origin/main --live\n" +
			"  guard eval --live -A\n" +
			"  guard eval --snapshot prod.snapshot\n" +
			"  guard eval new/ --base old/ --snapshot prod.snapshot",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			revision, err := f.settle(cmd, args)
			if revision != nil {
				defer func() { err = errors.Join(err, revision.Close()) }()
			}
			if err != nil {
				return err
			}
			f.Stdin, f.Now = cmd.InOrStdin(), time.Now()
			result, err := engine.Run(cmd.Context(), f.Options)
			if err != nil {
				return err
			}
			result.Rules = append(result.Rules, f.changes()...)
			return tell(cmd, result, f.output, f.failOn)
		},
	}
	f.define(cmd)
	return cmd
}

func (f *evalFlags) define(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.defineSources(flags)
	flags.BoolVar(&f.live, "live", false, "judge a cluster, or with PATH what it means to apply that to the cluster")
	flags.StringVar(&f.Snapshot, "snapshot", "", "judge a snapshot of a cluster, or with PATH what it means to apply that there")
	flags.StringVar(&f.cluster.Kubeconfig, "kubeconfig", "", "with --live, the kubeconfig file, instead of the one kubectl takes")
	flags.StringVar(&f.cluster.Context, "context", "", "with --live, the kubeconfig's context, instead of the current one")
	flags.BoolVarP(&f.AllNamespaces, "all-namespaces", "A", false, "with --live or --snapshot, judge the objects of all namespaces")
	flags.DurationVar(&f.cluster.Timeout, "request-timeout", time.Minute, "with --live, how long one request may take; 0 for any time")
	flags.StringVarP(&f.output, "output", "o", "text", "text or json")
	flags.StringVar(&f.failOn, "fail-on", string(policy.High), "least severity that makes the exit code 1; never for none")
	flags.StringArrayVar(&f.Policies, "policies", nil, "folder with more policies, ConstraintTemplates and constraints (repeatable)")
	flags.StringSliceVar(&f.Include, "include", nil, "ask only these policies")
	flags.StringSliceVar(&f.Exclude, "exclude", nil, "do not ask these policies")
	flags.StringVarP(&f.Namespace, "namespace", "n", "", `namespace of objects that name none, and with --live that is judged (default "default", with --live the context's)`)
	flags.StringVar(&f.unknown, "unknown", string(engine.Report), "findings about a state that rest on objects nobody showed: report, fail or ignore")
	flags.BoolVar(&f.All, "all", false, "with --base, show findings that the base has too")
	flags.BoolVar(&f.AllowEmpty, "allow-empty", false, "no objects, or no policies, is no problem")
	complete(cmd, "include", completeIDs)
	complete(cmd, "exclude", completeIDs)
	complete(cmd, "output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "unknown", cobra.FixedCompletions([]string{"report", "fail", "ignore"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "fail-on", cobra.FixedCompletions([]string{"critical", "high", "medium", "low", "info", never}, cobra.ShellCompDirectiveNoFileComp))
}

// check refuses what makes no sense.
func (f *evalFlags) check(cmd *cobra.Command) error {
	var problems []error
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if threshold := policy.Severity(f.failOn); f.failOn != never && threshold.Rank() == len(policy.Severities()) {
		problem("read %s %q: want critical, high, medium, low, info or never", f.said("fail-on"), f.failOn)
	}
	if !slices.Contains([]engine.Doubt{engine.Report, engine.Fail, engine.Ignore}, engine.Doubt(f.unknown)) {
		problem("read %s %q: want report, fail or ignore", f.said("unknown"), f.unknown)
	}
	if f.output != "text" && f.output != "json" {
		problem("read %s %q: want text or json", f.said("output"), f.output)
	}
	f.checkSources(problem)
	switch {
	case f.live && f.Snapshot != "":
		problem("read arguments: give --live or --snapshot")
	case f.wholeCluster() && f.Base != "":
		problem("read arguments: with --base and a cluster, name the files that the change leads to")
	case f.named() && f.AllNamespaces:
		problem("read arguments: with files, --all-namespaces says nothing: the files are judged, wherever their objects are")
	case f.AllNamespaces && f.Namespace != "":
		problem("read arguments: give --namespace or --all-namespaces")
	}
	if f.live {
		f.Live = &f.cluster
		return errors.Join(problems...)
	}
	for _, name := range []string{"kubeconfig", "context", "all-namespaces", "request-timeout"} {
		if cmd.Flags().Changed(name) && (name != "all-namespaces" || f.Snapshot == "") {
			problem("read arguments: --%s is about a cluster; say --live", name)
		}
	}
	return errors.Join(problems...)
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
