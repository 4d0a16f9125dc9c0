package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/report"
	"github.com/data-guard/guard/engine/source/cluster"
)

func snapshotCommand() *cobra.Command {
	var o engine.SnapshotOptions
	var output string
	var everywhere bool
	cmd := &cobra.Command{
		Use:   "snapshot -o FILE",
		Short: "Keep what policies need of a cluster in a file",
		Long: "Read a cluster and write what policies match and look up into a file, for guard eval --snapshot: without the\n" +
			"values of Secrets and ConfigMaps, of environment variables, arguments and whatever else may be a secret. The file\n" +
			"replaces one of that name when it is whole. guard only lists, and asks kubelets for their configuration and the fill\n" +
			"of volumes. bundle/live/rbac.yaml is the account that it needs; what kubelets say takes more, and is optional.\n\n" +
			"Exit code 0: the file is written, also when part of the cluster may not be read; that is said, and noted in the\n" +
			"file. 2: there is no file: nothing could be read, or it could not be written.",
		Example: "  guard snapshot -o prod.snapshot\n" +
			"  guard snapshot -o shop.snapshot -n shop --context prod\n" +
			"  guard snapshot inspect prod.snapshot",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case output == "":
				return errors.New("read arguments: say with -o which file to write")
			case everywhere && o.Namespace != "":
				return errors.New("read arguments: give --namespace or --all-namespaces")
			}
			return take(cmd, o, output)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&output, "output", "o", "", "file to write")
	flags.StringVar(&o.Live.Kubeconfig, "kubeconfig", "", "kubeconfig file, instead of the one kubectl takes")
	flags.StringVar(&o.Live.Context, "context", "", "the kubeconfig's context, instead of the current one")
	flags.DurationVar(&o.Live.Timeout, "request-timeout", time.Minute, "how long one request may take; 0 for any time")
	flags.StringVarP(&o.Namespace, "namespace", "n", "", "only objects of this namespace, but for kinds that policies look up from elsewhere")
	flags.BoolVarP(&everywhere, "all-namespaces", "A", false, "objects of all namespaces (the default)")
	flags.BoolVar(&o.AllKinds, "all-kinds", false, "every kind that the cluster can list, not only those that policies need")
	flags.StringArrayVar(&o.Policies, "policies", nil, "folder with more policies, ConstraintTemplates and constraints (repeatable)")
	cmd.AddCommand(inspectCommand())
	return cmd
}

// take writes the file. To be told to stop leaves nothing behind.
func take(cmd *cobra.Command, o engine.SnapshotOptions, path string) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	o.Now, o.Guard, o.Progress = time.Now(), ownVersion(), progress(cmd)
	s, err := engine.TakeSnapshot(ctx, o)
	if err != nil {
		return err
	}
	if err := s.Write(ctx, path); err != nil {
		return err
	}
	kinds := 0
	for _, k := range s.Kinds {
		switch {
		case k.Listing == nil:
		case k.Listing.Gap == nil:
			kinds++
		default:
			if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "note: list %s: %s%s\n", k, report.Clean(k.Listing.Gap.Message), left(k)); err != nil {
				return fmt.Errorf("write notes: %w", err)
			}
		}
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d objects of %d kinds of cluster %s\n", path, len(s.Objects()), kinds, report.Clean(s.Context))
	return err
}

// left says what a gap leaves.
func left(k cluster.Kind) string {
	switch l := k.Listing; {
	case l.Namespace != "":
		return fmt.Sprintf(" (%d in namespace %s could be read)", len(l.Objects), l.Namespace)
	case len(l.Objects) > 0:
		return fmt.Sprintf(" (%d could be read)", len(l.Objects))
	default:
		return ""
	}
}

// progress shows a bar to a person at a terminal, and nothing to anybody else.
func progress(cmd *cobra.Command) func(done, total int) {
	file, ok := cmd.ErrOrStderr().(*os.File)
	if !ok || !isatty.IsTerminal(file.Fd()) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(file), progressbar.OptionSetDescription("kinds read"),
				progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
		}
		_ = bar.Set(done) //nolint:errcheck // a terminal that is gone is no reason to stop
	}
}
