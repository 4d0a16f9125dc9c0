package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/e2e/cluster"
)

// Claims is the resource of claims.
var Claims = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumeclaims"}

// Burst counts what became of many deletions at once.
type Burst struct {
	Fault string
	// Denied by a policy; Unasked, when the webhook could not be asked and the API server refused for that; TimedOut,
	// when it waited for an answer in vain; Failed, when there was no API server to ask.
	Sent, Denied, Unasked, TimedOut, Failed, Deleted int
	// Lost are the objects that are gone or being deleted afterwards.
	Lost int
}

// DeleteAll sends one DELETE for each claim of the namespace at once, and calls halfway when a tenth of them is
// answered.
func DeleteAll(ctx context.Context, clients *cluster.Clients, namespace string, names []string, halfway func() error) (Burst, error) {
	var (
		burst   Burst
		mu      sync.Mutex
		wait    sync.WaitGroup
		once    sync.Once
		broken  error
		meddled sync.WaitGroup
	)
	meddled.Add(1)
	for _, name := range names {
		wait.Go(func() {
			err := clients.Dynamic.Resource(Claims).Namespace(namespace).Delete(ctx, name, apimeta.DeleteOptions{})
			mu.Lock()
			burst.count(err)
			begin := burst.Sent >= len(names)/10
			mu.Unlock()
			if begin {
				once.Do(func() {
					broken = halfway()
					meddled.Done()
				})
			}
		})
	}
	wait.Wait()
	meddled.Wait()
	return burst, broken
}

func (b *Burst) count(err error) {
	b.Sent++
	status := apierrors.APIStatus(nil)
	switch {
	case err == nil:
		b.Deleted++
	case strings.Contains(err.Error(), "denied the request"):
		b.Denied++
	case apierrors.IsTimeout(err), strings.Contains(err.Error(), "context deadline exceeded"), strings.Contains(err.Error(), "Client.Timeout"):
		b.TimedOut++
	case errors.As(err, &status):
		b.Unasked++
	default:
		b.Failed++
	}
}

// Gone are the claims of the names that are not there any more or are being deleted.
func Gone(ctx context.Context, clients *cluster.Clients, namespace string, names []string) ([]string, error) {
	list, err := clients.Dynamic.Resource(Claims).Namespace(namespace).List(ctx, apimeta.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("count claims: %w", err)
	}
	there := map[string]bool{}
	for _, claim := range list.Items {
		there[claim.GetName()] = claim.GetDeletionTimestamp() == nil
	}
	var gone []string
	for _, name := range names {
		if !there[name] {
			gone = append(gone, name)
		}
	}
	return gone, nil
}

// PrintBursts writes the table of faults.
func PrintBursts(out io.Writer, bursts []Burst) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(w, "\nfault\tsent\tdenied\twebhook not asked\ttimed out\tno API server\tdeleted\tobjects lost")
	for _, b := range bursts {
		if err == nil {
			_, err = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", b.Fault, b.Sent, b.Denied, b.Unasked, b.TimedOut, b.Failed, b.Deleted, b.Lost)
		}
	}
	return errors.Join(err, w.Flush())
}
