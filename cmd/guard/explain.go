package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/policy"
)

func explainCommand() *cobra.Command {
	var folders []string
	cmd := &cobra.Command{
		Use:     "explain ID",
		Short:   "Explain a policy: what happens to the data, an example, the safe form",
		Example: "  guard explain pv-reclaim-recycle",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := engine.Policies(folders)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(all, func(p *policy.Policy) bool { return p.ID == args[0] })
			if i < 0 {
				return fmt.Errorf("explain %s: there is no such policy; guard list shows them", args[0])
			}
			return explain(cmd.OutOrStdout(), all[i])
		},
		ValidArgsFunction: completeIDs,
	}
	cmd.Flags().StringArrayVar(&folders, "policies", nil, "folder with more policies (repeatable)")
	return cmd
}

func explain(w io.Writer, p *policy.Policy) error {
	cases, err := p.ReadCases()
	if err != nil {
		return err
	}
	var out strings.Builder
	section := func(title, body string) {
		if body = strings.TrimSpace(body); body != "" {
			fmt.Fprintf(&out, "\n%s\n%s\n", title, indent(body))
		}
	}
	fmt.Fprintf(&out, "%s (%s)\n%s\n", p.ID, join(p.Severities), p.Title)
	section("What happens to your data", p.Description)
	section("Incidents", strings.Join(p.Incidents, "\n"))
	for _, shown := range []struct{ name, title string }{{"deny_example", "Example that loses data"}, {"allow_example", "Safe form"}} {
		if i := slices.IndexFunc(cases, func(c policy.Case) bool { return c.Name == shown.name }); i >= 0 {
			section(shown.title, example(cases[i]))
		}
	}
	section("What to do", p.Remediation)
	parameters, err := parameters(p)
	if err != nil {
		return err
	}
	section("Parameters", parameters)
	section("Exempting one object", exemption(p))
	section("Asked about", fmt.Sprintf("%s; looks up %s", join(p.Asks), orNothing(p.Reads)))
	section("In a cluster", fmt.Sprintf("ConstraintTemplate %s, kind %s (guard bundle build)", strings.ToLower(p.Kind()), p.Kind()))
	var refs []string
	for _, r := range p.References {
		refs = append(refs, strings.TrimSpace(r.Ref+" "+r.Description))
	}
	section("References", strings.Join(refs, "\n"))
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("write explanation: %w", err)
	}
	return nil
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

func orNothing(list []string) string {
	if len(list) == 0 {
		return "nothing else"
	}
	return strings.Join(list, ", ")
}

// example shows the files of a case that make its object, and the parameters and the user that it needs.
func example(c policy.Case) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n", c.Story)
	for _, file := range []string{"inventory.yaml", "old.yaml", "new.yaml", "request.yaml", "parameters.yaml"} {
		if text := c.Files[file]; text != "" {
			title := map[string]string{
				"inventory.yaml": "beside it", "old.yaml": "before", "new.yaml": "the object",
				"request.yaml": "the request", "parameters.yaml": "with parameters",
			}[file]
			if file == "old.yaml" && c.Files["new.yaml"] == "" {
				title = "to be deleted"
			}
			fmt.Fprintf(&out, "\n# %s\n%s", title, text)
		}
	}
	return out.String()
}

func parameters(p *policy.Policy) (string, error) {
	defaults, err := p.Schema.Complete(nil)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, name := range p.Schema.Names() {
		value, err := yaml.Marshal(map[string]any{name: defaults[name]})
		if err != nil {
			return "", fmt.Errorf("explain parameter %s: %w", name, err)
		}
		fmt.Fprintf(&out, "# %s\n%s", strings.ReplaceAll(p.Schema.Describe(name), "\n", "\n# "), value)
	}
	return out.String(), nil
}

func exemption(p *policy.Policy) string {
	if !p.Exemptible {
		return "This policy cannot be exempted."
	}
	return "annotation on the object, valid to the end of that day (UTC):\n" +
		"data-guard.dev/exempt." + p.ID + `: "until=YYYY-MM-DD; by=who; reason=why"`
}
