package cluster_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/data-guard/guard/engine/source/cluster"
	"github.com/data-guard/guard/engine/source/cluster/clustertest"
)

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer silent.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	path := func(url string) string {
		path, err := clustertest.Kubeconfig(t.TempDir(), url)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	// Which of its two deadlines net/http names is a race: the client's, or that of the request's context.
	for want, config := range map[string]cluster.Config{
		"no such file":                   {Kubeconfig: "testdata/none"},
		`context "prod" does not exist`:  {Kubeconfig: path(closed.URL), Context: "prod"},
		"connection refused":             {Kubeconfig: path(closed.URL)},
		" exceeded":                      {Kubeconfig: path(silent.URL), Timeout: 50 * time.Millisecond},
		"read cluster e2e: discover its": {Kubeconfig: path(closed.URL), Context: "e2e"},
	} {
		if _, err := cluster.Open(t.Context(), config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := cluster.Open(ctx, cluster.Config{Kubeconfig: path(silent.URL)}); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("who cancels need not wait: %v", err)
	}
}
