package redact_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/data-guard/guard/engine/source/redact"
	"github.com/data-guard/guard/policies"
)

// libraries are guard's own, without their tests.
func libraries(t *testing.T, query string) rego.PreparedEvalQuery {
	t.Helper()
	options := []func(*rego.Rego){rego.Query(query)}
	err := fs.WalkDir(policies.FS, "lib", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") {
			return err
		}
		text, err := fs.ReadFile(policies.FS, path)
		options = append(options, rego.Module(path, string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	prepared, err := rego.New(options...).PrepareForEval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return prepared
}

func answer(t *testing.T, q rego.PreparedEvalQuery, input any) any {
	t.Helper()
	results, err := q.Eval(t.Context(), rego.EvalInput(input))
	if err != nil || len(results) != 1 {
		t.Fatal(err, results)
	}
	return results[0].Expressions[0].Value
}

func strs(value any) []string {
	var all []string
	for _, v := range value.([]any) {
		all = append(all, v.(string))
	}
	slices.Sort(all)
	return all
}

// TestTablesAreThoseOfTheRego holds what is kept of containers to what the libraries look for.
func TestTablesAreThoseOfTheRego(t *testing.T) {
	t.Parallel()
	for query, kept := range map[string][]string{
		"data.lib.engines.directory_variables": redact.DirectoryVariables,
		"data.lib.engines.directory_options":   redact.DirectoryOptions,
		`data.lib.process._clients | data.lib.process._servers | {"ash", "bash", "dash", "sh", "zsh", "sleep", "tail"}`: redact.Programs,
	} {
		kept := slices.Clone(kept)
		slices.Sort(kept)
		if diff := cmp.Diff(strs(answer(t, libraries(t, query), nil)), kept); diff != "" {
			t.Errorf("%s (-Rego +redact)\n%s", query, diff)
		}
	}
}

// seen is everything that policies see of a container.
const seen = `{
	"client": {c | c := 1; data.lib.process.client(input)},
	"replicates": {c | c := 1; data.lib.workload.replicates({"kind": "Pod", "spec": {"containers": [input]}})},
	"directories": {d | some d in data.lib.process.directories(input, data.lib.engines.of_image(input.image)); startswith(d, "/")},
	"csi": {c | c := 1; some w in data.lib.process.words(input); startswith(trim_left(w, "-"), "csi-address=")},
}`

// TestCommandsSayTheSameToPolicies builds commands from all that policies look at, at random, and wants each to mean the
// same when what may be a secret is gone.
func TestCommandsSayTheSameToPolicies(t *testing.T) {
	t.Parallel()
	q, random := libraries(t, seen), rand.New(rand.NewPCG(1, 2))
	words := append(slices.Clone(redact.Programs), redact.DirectoryOptions...)
	words = append(words, redact.ShellWords...)
	words = append(words, redact.Signs...)
	words = append(words, "/srv/db", "/data", "hunter2", "--password=hunter2", "PGPASSWORD=hunter2", "$SECRET", "${SECRET}", "run.sh", "/opt/run.sh", "/usr/bin/psql",
		"/x/mysqld", "--datadir=/srv/db", "--datadir=srv", "--dir=/srv/db=x", "--csi-address=/csi/csi.sock", "csi-address=hunter2", "3600", "infinity", "A=psql", "psql=A", "a.b=psql",
		"psql,mysqld", "x,/psql", "x!psql", "!", "@psql", "--cluster-enabled", "yes", "GTID_MODE=on", "/etc/sentinel.conf", "sentinel.sh", "http://u:hunter2@h/psql", "-psql", "run.sh,x", "x=run.sh")
	between := []string{" ", " ", " ", "; ", ";", " | ", " && ", "\n", "'", `"`, "(", ")", " & "}
	r := redact.New()
	for range 3000 {
		var list []any
		for range 1 + random.IntN(3) {
			var script strings.Builder
			for i := range 1 + random.IntN(5) {
				if i > 0 {
					script.WriteString(between[random.IntN(len(between))])
				}
				script.WriteString(words[random.IntN(len(words))])
			}
			list = append(list, script.String())
		}
		image := []string{"postgres:16", "minio/minio", "mysql"}[random.IntN(3)]
		raw := map[string]any{"name": "c", "image": image, "command": list[:1], "args": list[1:]}
		pod := r.Object(map[string]any{"apiVersion": "v1", "kind": "Pod", "spec": map[string]any{"containers": []any{raw}}})
		bare := pod["spec"].(map[string]any)["containers"].([]any)[0]
		if diff := cmp.Diff(answer(t, q, raw), answer(t, q, bare)); diff != "" {
			t.Fatalf("%v\n%v\n(-shown +hidden)\n%s", raw, bare, diff)
		}
		if text := fmt.Sprint(bare); strings.Contains(text, "hunter2") {
			t.Fatal(text)
		}
	}
}

func TestWordsKeepWhatSaysWhereDataAre(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string]string{
		"exec mysqld --datadir=/srv/db --password=x": "exec mysqld --datadir=/srv/db redacted",
		"PGPASSWORD='x y' /usr/bin/pg_dump -h db":    "redacted=redacted'redacted redacted' /usr/bin/pg_dump redacted redacted",
		"/opt/secret/psql postgres://u:p@h/d":        "redacted/psql postgres,redacted",
		"until mysqladmin ping; do sleep 1; done":    "until mysqladmin redacted; do sleep redacted; done",
	} {
		pod := redact.New().Object(map[string]any{"apiVersion": "v1", "kind": "Pod", "spec": map[string]any{"containers": []any{map[string]any{"command": []any{"sh", "-c", shown}}}}})
		text, err := json.Marshal(pod["spec"])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s became %s", shown, text)
		}
	}
}
