package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/data-guard/guard/engine"
	"github.com/data-guard/guard/engine/config"
	"github.com/data-guard/guard/engine/report"
)

// inForce is one thing that is in force, and what says so.
type inForce struct {
	Setting string `json:"setting"`
	// Value is a text, true or false, or a list.
	Value any `json:"value"`
	// From is a flag, a variable, file:line, or "default".
	From string `json:"from"`
}

func configCommand() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "config [PATH...]",
		Short: "Show what is in force for guard eval, and what says so",
		Long: "Show what guard eval with the same arguments would obey: each setting with what says so, policies that are\n" +
			"switched off or changed, charts with their sets of values. A flag counts before a variable GUARD_*, that before\n" +
			".guard.yaml, and that before the default. With --base, the .guard.yaml of the base is in force.\n\n" +
			"Exit code 2: something in the configuration is wrong.",
		Example: "  guard config\n" +
			"  guard config --base origin/main -o json",
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			revision, err := f.settle(cmd, args)
			if revision != nil {
				defer func() { err = errors.Join(err, revision.Close()) }()
			}
			if err != nil {
				return err
			}
			rows := slices.Concat(f.flagRows(cmd.Flags()), f.policyRows(), f.chartRows())
			if f.output == "json" {
				return writeJSON(cmd.OutOrStdout(), f.file.File, rows)
			}
			return writeRows(cmd.OutOrStdout(), f.file.File, rows)
		},
	}
	f.define(cmd)
	return cmd
}

// flagRows are what flags and variables can say, what is looked at first.
func (f *evalFlags) flagRows(flags *pflag.FlagSet) []inForce {
	from := func(flag string) string {
		if origin := f.origins[flag]; origin != "" {
			return origin
		}
		return "default"
	}
	paths := f.Paths
	if paths == nil {
		paths = []string{}
	}
	rows := []inForce{{"paths", paths, from("filename")}}
	for i, glob := range f.file.Ignore {
		rows = append(rows, inForce{"ignore", glob, engine.Line(f.file.Place(fmt.Sprintf("/ignore/%d", i)))})
	}
	flags.VisitAll(func(flag *pflag.Flag) {
		switch list, ok := flag.Value.(pflag.SliceValue); {
		case slices.Contains([]string{"help", "filename"}, flag.Name) || flag.Name == "ignore" && len(f.ignore) == 0:
		case ok:
			rows = append(rows, inForce{flag.Name, list.GetSlice(), from(flag.Name)})
		case flag.Value.Type() == "bool":
			rows = append(rows, inForce{flag.Name, flag.Value.String() == "true", from(flag.Name)})
		default:
			rows = append(rows, inForce{flag.Name, flag.Value.String(), from(flag.Name)})
		}
	})
	return rows
}

// policyRows are those that the configuration changes.
func (f *evalFlags) policyRows() []inForce {
	var rows []inForce
	for _, p := range f.known {
		said, ok := f.file.Policies[p.ID]
		if !ok {
			continue
		}
		add := func(key string, value any) {
			steps := "policies." + p.ID + "." + key
			rows = append(rows, inForce{steps, value, engine.Line(f.file.Place("/" + strings.ReplaceAll(steps, ".", "/")))})
		}
		switch {
		case said.Off && slices.Contains(f.Include, p.ID):
			rows = append(rows, inForce{"policies." + p.ID + ".enabled", true, f.said("include")})
		case said.Off:
			add("enabled", false)
		}
		if said.Severity != "" {
			add("severity", string(said.Severity))
		}
		for _, name := range p.Schema.Names() {
			if value, ok := said.Parameters[name]; ok {
				add("parameters."+name, value)
			}
		}
	}
	return rows
}

// chartRows are a row for each rendering that the configuration asks for, as it will be.
func (f *evalFlags) chartRows() []inForce {
	var rows []inForce
	for _, r := range f.file.Renders() {
		name := "charts." + r.Chart
		if r.Name != "" {
			name += "." + r.Name
		}
		rows = append(rows, inForce{name, rendering(r), engine.Line(r.Place)})
	}
	return rows
}

// rendering is what one would write after helm template.
func rendering(r config.Render) []string {
	words := []string{}
	add := func(flag string, values ...string) {
		for _, value := range values {
			if value != "" {
				words = append(words, flag+"="+value)
			}
		}
	}
	add("release-name", r.ReleaseName)
	add("namespace", r.Namespace)
	add("kube-version", r.KubeVersion)
	add("api-versions", r.APIVersions...)
	add("values", r.Files...)
	add("set", r.Set...)
	add("set-string", r.SetString...)
	return words
}

func writeJSON(w io.Writer, file string, rows []inForce) error {
	if err := report.Encode(w, struct {
		Version  string    `json:"version"`
		File     string    `json:"file"`
		Settings []inForce `json:"settings"`
	}{report.Version, file, rows}); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

func writeRows(w io.Writer, file string, rows []inForce) error {
	var out strings.Builder
	if file == "" {
		file = "no .guard.yaml from here up to the root of the work tree"
	}
	fmt.Fprintf(&out, "%s\n\n", report.Clean(file))
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, row := range append([]inForce{{"SETTING", "VALUE", "FROM"}}, rows...) {
		value, err := cell(row.Value)
		if err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", report.Clean(row.Setting), report.Clean(value), report.Clean(row.From)); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// cell is a value on one line.
func cell(value any) (string, error) {
	switch v := value.(type) {
	case []string:
		value = strings.Join(v, " ")
	case string, bool:
	default:
		text, err := json.Marshal(v)
		return string(text), err
	}
	text := strings.NewReplacer("\n", " ", "\t", " ").Replace(fmt.Sprint(value))
	if text == "" {
		return "-", nil
	}
	return text, nil
}
