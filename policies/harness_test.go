package policies_test

import (
	"os"
	"testing"
	"time"

	"github.com/data-guard/guard/engine/policy"
	"github.com/data-guard/guard/engine/policytest"
	"github.com/data-guard/guard/policies"
)

func load(t testing.TB) []*policy.Policy {
	t.Helper()
	loaded, _, err := policy.Load(policies.FS)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// question is a case, ready to be asked.
type question = policytest.Question

// wanted is what a case says of a violation.
type wanted = policytest.Wanted

func ask(t *testing.T, c policy.Case, now time.Time) question {
	t.Helper()
	q, err := policytest.Read(c, now)
	if err != nil {
		t.Fatal(err)
	}
	return *q
}

// everyCase runs check for each case of each policy, as the subtest <id>/<case>. What of a policy takes long to
// make, prepare makes once.
func everyCase[T any](t *testing.T, prepare func(t *testing.T, p *policy.Policy) T, check func(t *testing.T, prepared T, c policy.Case)) {
	t.Helper()
	for _, p := range load(t) {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			cases, err := p.ReadCases()
			if err != nil {
				t.Fatal(err)
			}
			prepared := prepare(t, p)
			for _, c := range cases {
				t.Run(c.Name, func(t *testing.T) { check(t, prepared, c) })
			}
		})
	}
}

func updating() bool { return os.Getenv("GUARD_UPDATE") == "1" }
