package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/gatekeeper/doctor"
	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/report"
)

// patience is how long one request to the API server may take.
const patience = 30 * time.Second

func doctorCommand() *cobra.Command {
	var folders []string
	var kubeconfig, context, namespace, expect, output string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say of each policy whether it can fire in a cluster, and if not, why",
		Long: "Look at Gatekeeper in a cluster: what its webhook sends, what its templates and constraints say, what it keeps\n" +
			"in its inventory, which namespaces are exempt. doctor only lists; bundle/gatekeeper/doctor/rbac.yaml is the\n" +
			"account that it needs. A constraint that does less than the overlay of --expect is a gap: say --expect audit\n" +
			"while a roll-out only watches.\n\n" +
			"Exit code 0: every policy can fire, notes aside. 1: a policy cannot fire, or some of what it minds gets past it.\n" +
			"2: guard could not tell; what it could not read is named.",
		Example: "  guard doctor\n" +
			"  guard doctor --context prod --expect audit",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("read --output %q: want text or json", output)
			}
			overlay, err := overlayOf(expect)
			if err != nil {
				return err
			}
			all, err := engine.Policies(folders)
			if err != nil {
				return err
			}
			policies := policy.ForCluster(all)
			config, err := connection(kubeconfig, context)
			if err != nil {
				return err
			}
			objects, err := dynamic.NewForConfig(config)
			if err != nil {
				return fmt.Errorf("connect to the cluster: %w", err)
			}
			kinds, err := discovery.NewDiscoveryClientForConfig(config)
			if err != nil {
				return fmt.Errorf("connect to the cluster: %w", err)
			}
			in, err := doctor.Read(cmd.Context(), objects, kinds, policies, namespace)
			if err != nil {
				return err
			}
			return diagnose(cmd, doctor.Judge(in, doctor.Question{Policies: policies, Expect: overlay.Action, Now: time.Now()}), output)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&kubeconfig, "kubeconfig", "", "kubeconfig file; as kubectl, else $KUBECONFIG, ~/.kube/config, or the account of the pod")
	flags.StringVar(&context, "context", "", "context of the kubeconfig; the current one when empty")
	flags.StringVar(&namespace, "gatekeeper-namespace", "", "Gatekeeper's namespace; that of its webhook's service when empty")
	flags.StringVar(&expect, "expect", "recommended", "overlay whose enforcement is expected: "+strings.Join(overlayNames(), ", "))
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	flags.StringArrayVar(&folders, "policies", nil, "folder with more policies (repeatable)")
	complete(cmd, "output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "expect", cobra.FixedCompletions(overlayNames(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func overlayNames() []string {
	var names []string
	for _, o := range gatekeeper.Overlays() {
		names = append(names, o.Name)
	}
	return names
}

func overlayOf(name string) (gatekeeper.Overlay, error) {
	overlays := gatekeeper.Overlays()
	i := slices.IndexFunc(overlays, func(o gatekeeper.Overlay) bool { return o.Name == name })
	if i < 0 {
		return gatekeeper.Overlay{}, fmt.Errorf("read --expect %q: want one of %s", name, strings.Join(overlayNames(), ", "))
	}
	return overlays[i], nil
}

// connection finds the cluster as kubectl does.
func connection(kubeconfig, context string) (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: context}).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	// A few dozen lists must not wait for a client's usual five a second.
	config.QPS, config.Burst, config.Timeout, config.UserAgent = 50, 100, patience, "guard-doctor"
	return config, nil
}

// diagnose prints the report and turns it into an exit code.
func diagnose(cmd *cobra.Command, r *doctor.Report, output string) error {
	var err error
	if output == "json" {
		err = report.Encode(cmd.OutOrStdout(), r)
	} else {
		err = diagnosis(cmd.OutOrStdout(), r)
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for _, u := range r.Unread {
		if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "error: read %s: %s\n", report.Clean(u.String()), report.Clean(u.Reason)); err != nil {
			return fmt.Errorf("write problems: %w", err)
		}
	}
	switch {
	case !r.Could():
		return errSaid
	case r.Count(doctor.No)+r.Count(doctor.Partly) > 0:
		return errFindings
	default:
		return nil
	}
}

// diagnosis is a table with a line a policy and gap. What is so for all policies is said once, above it.
func diagnosis(w io.Writer, r *doctor.Report) error {
	var out strings.Builder
	shared := map[string]int{}
	for _, v := range r.Policies {
		for _, g := range v.Gaps {
			shared[why(g)]++
		}
	}
	common := func(g doctor.Gap) bool { return len(r.Policies) > 1 && shared[why(g)] == len(r.Policies) }
	if len(r.Policies) > 0 {
		for _, g := range r.Policies[0].Gaps {
			if common(g) {
				fmt.Fprintf(&out, "all policies: %s\n", why(g))
			}
		}
	}
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	rows := strings.Builder{}
	rows.WriteString("POLICY\tCAN FIRE\tDOES\tWHY\n")
	for _, v := range r.Policies {
		row := fmt.Sprintf("%s\t%s\t%s", v.Policy, v.CanFire, does(v.Actions))
		for _, g := range v.Gaps {
			if !common(g) {
				fmt.Fprintf(&rows, "%s\t%s\n", row, why(g))
				row = "\t\t"
			}
		}
		if row != "\t\t" {
			fmt.Fprintf(&rows, "%s\t\n", row)
		}
	}
	if _, err := io.WriteString(table, rows.String()); err != nil {
		return err
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&out, "Gatekeeper %s: of %d policies %d can fire, %d partly, %d cannot, %d cannot be told\n", r.Version,
		len(r.Policies), r.Count(doctor.Yes), r.Count(doctor.Partly), r.Count(doctor.No), r.Count(doctor.CannotTell))
	var lines strings.Builder
	for line := range strings.Lines(out.String()) {
		lines.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	_, err := io.WriteString(w, lines.String())
	return err
}

// why is a gap on one line: names and texts come from the cluster.
func why(g doctor.Gap) string {
	text := strings.Join(strings.Fields(report.Clean(g.String())), " ")
	if g.Effect == doctor.Note {
		return "note: " + text
	}
	return text
}

// does is what the constraints do, worst severity first: "critical deny, medium dryrun".
func does(actions map[policy.Severity]string) string {
	var words []string
	for _, s := range policy.Severities() {
		if action := actions[s]; action != "" {
			words = append(words, string(s)+" "+action)
		}
	}
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(words, ", ")
}
