package e2e

import (
	"context"
	"fmt"
	"slices"
	"time"

	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/e2e/cluster"
)

// Audited waits for an audit that begins after now, and returns what the constraint e2e found about the object: its
// messages, sorted and as audit shortens them.
func Audited(ctx context.Context, clients *cluster.Clients, constraint schema.GroupVersionResource, about *unstructured.Unstructured) ([]string, error) {
	// Audit's timestamps are whole seconds: only a later second surely began later.
	began := time.Now().Unix()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
		got, err := clients.Dynamic.Resource(constraint).Get(ctx, "e2e", apimeta.GetOptions{})
		if err != nil {
			return nil, fmt.Errorf("read what audit found: %w", err)
		}
		text, _, err := unstructured.NestedString(got.Object, "status", "auditTimestamp")
		if err != nil {
			return nil, fmt.Errorf("read what audit found: %w", err)
		}
		if at, err := time.Parse(time.RFC3339, text); err == nil && at.Unix() > began {
			return messages(got, about)
		}
	}
	return nil, fmt.Errorf("read what audit found: no audit since %s", time.Unix(began, 0))
}

func messages(constraint, about *unstructured.Unstructured) ([]string, error) {
	violations, _, err := unstructured.NestedSlice(constraint.Object, "status", "violations")
	if err != nil {
		return nil, fmt.Errorf("read what audit found: %w", err)
	}
	var found []string
	for _, violation := range violations {
		v, ok := violation.(map[string]any)
		if !ok || v["kind"] != about.GetKind() || v["name"] != about.GetName() || namespace(v) != about.GetNamespace() {
			continue
		}
		if message, ok := v["message"].(string); ok {
			found = append(found, message)
		}
	}
	slices.Sort(found)
	return found, nil
}

func namespace(violation map[string]any) string {
	name, _ := violation["namespace"].(string)
	return name
}

// Shortened is a message as audit writes it into a constraint's status (gatekeeper v3.23 pkg/audit, msgSize).
func Shortened(message string) string {
	const most = 256
	if len(message) <= most {
		return message
	}
	return message[:most-len("...")] + "..."
}
