package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/retry"

	"github.com/data-guard/guard/e2e/cluster"
	"github.com/data-guard/guard/engine/policytest"
	"github.com/data-guard/guard/engine/review"
)

// Denied holds the messages with which Gatekeeper refused, sorted; empty when it let the request pass.
type Denied []string

// Refused is the API server's own no, to which no policy was asked.
type Refused struct{ err error }

func (r Refused) Error() string { return r.err.Error() }

// As are clients that act for the user, as kubectl --as does: alice when nobody is named.
func As(c *cluster.Cluster, user string, groups []string) (*cluster.Clients, error) {
	return c.Impersonating(rest.ImpersonationConfig{UserName: user, Groups: groups})
}

// Send sends the request of a question by dry run, and returns the object as it would be and what Gatekeeper says.
// What the API server itself refuses is Refused.
func Send(ctx context.Context, c *cluster.Clients, q *policytest.Question, name string) (*unstructured.Unstructured, Denied, error) {
	subject, err := unstructuredOf(q.Review.Subject())
	if err != nil {
		return nil, nil, err
	}
	client, _, err := c.For(subject)
	if q.Review.SubResource == "eviction" {
		client, err = c.Pods(subject.GetNamespace()), nil
	}
	if err != nil {
		return nil, nil, err
	}
	var options apimeta.DeleteOptions
	if q.Review.Options != nil {
		if err := json.Unmarshal([]byte(q.Review.Options.String()), &options); err != nil {
			return nil, nil, fmt.Errorf("read options: %w", err)
		}
	}
	taken, err := send(ctx, client, q.Review, subject, options)
	denied, err := denial(err, name)
	return taken, denied, err
}

func send(ctx context.Context, client dynamic.ResourceInterface, r *review.Review, subject *unstructured.Unstructured, options apimeta.DeleteOptions) (*unstructured.Unstructured, error) {
	dry := []string{apimeta.DryRunAll}
	var sub []string
	if r.SubResource != "" {
		sub = []string{r.SubResource}
	}
	subject.SetResourceVersion("")
	switch r.Operation {
	case review.Create, review.State:
		if r.SubResource == "" {
			unstructured.RemoveNestedField(subject.Object, "metadata", "uid")
		}
		return client.Create(ctx, subject, apimeta.CreateOptions{DryRun: dry}, sub...)
	case review.Update:
		var updated *unstructured.Unstructured
		err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
			// Custom resources are not updated without it.
			old, err := client.Get(ctx, subject.GetName(), apimeta.GetOptions{})
			if err != nil {
				return err
			}
			subject.SetResourceVersion(old.GetResourceVersion())
			updated, err = client.Update(ctx, subject, apimeta.UpdateOptions{DryRun: dry}, sub...)
			return err
		})
		return updated, err
	case review.Delete:
		options.DryRun = dry
		return nil, client.Delete(ctx, subject.GetName(), options, sub...)
	default:
		return nil, fmt.Errorf("send %s: no such request", r.Operation)
	}
}

// denial reads what the constraint of that name said; other errors are the API server's.
func denial(err error, name string) (Denied, error) {
	if err == nil {
		return nil, nil
	}
	const by = `admission webhook "validation.gatekeeper.sh" denied the request: `
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) {
		return nil, fmt.Errorf("send request: %w", err)
	}
	_, said, found := strings.Cut(status.Status().Message, by)
	if !found {
		return nil, Refused{err}
	}
	var denied Denied
	for message := range strings.SplitSeq("\n"+said, "\n["+name+"] ") {
		if message != "" {
			denied = append(denied, message)
		}
	}
	slices.Sort(denied)
	return denied, nil
}
