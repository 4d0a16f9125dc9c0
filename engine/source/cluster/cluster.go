// Package cluster reads objects from the API server of a cluster: only kinds that somebody wants, page by page. It is
// the one package that talks to a cluster; it only ever gets and lists. What may be a secret leaves it for nobody (package
// redact). A Record is a cluster as it was read once: who reads that goes the same way and sees the same.
package cluster

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	// Kubeconfigs of clusters with an OpenID Connect provider name this plugin; exec plugins need no import.
	_ "k8s.io/client-go/plugin/pkg/client/auth/oidc"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/data-guard/guard/engine/object"
	"github.com/data-guard/guard/engine/source/redact"
)

// inCluster is the name of the context of a pod that reads its own cluster.
const inCluster = "in-cluster"

// How fast requests are sent. kubectl's own limits: client-go's default of 5 a second would make a reader of forty kinds
// wait, and the API server has its own fairness on top.
const (
	queriesPerSecond = 50
	queriesAtOnce    = 300
)

// Config says which cluster, as kubectl's flags do. The zero value is what kubectl uses without flags: $KUBECONFIG,
// ~/.kube/config, or the pod's own cluster.
type Config struct {
	// Kubeconfig is a file; "" for the default ones.
	Kubeconfig string
	// Context is one of the kubeconfig's; "" for its current one.
	Context string
	// Timeout bounds each request; 0 is no bound but the caller's context.
	Timeout time.Duration
}

// Cluster is an API server whose kinds are known.
type Cluster struct {
	// Context is the kubeconfig's name for it, "in-cluster" in a pod.
	Context string
	// Namespace is the context's; "default" where it names none.
	Namespace string

	kinds *kinds
	from  reader
}

// reader is where the objects of a kind come from: an API server, or a Record.
type reader interface {
	// list reads those of one namespace, or with "" all; with an error, those that could be read nevertheless.
	list(ctx context.Context, l list, namespace string) ([]*object.Object, error)
	// get reads one that is in no namespace.
	get(ctx context.Context, l list, name string) ([]*object.Object, error)
}

// Open finds the cluster and asks it which kinds it has. That part of its API does not answer (an aggregated API
// server that is down) is no error before someone wants a kind of that part.
func Open(ctx context.Context, config Config) (*Cluster, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = config.Kubeconfig
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: config.Context})
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	name := cmp.Or(config.Context, raw.CurrentContext, inCluster)
	client, err := loader.ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	client.QPS, client.Burst, client.Timeout = queriesPerSecond, queriesAtOnce, config.Timeout
	client.UserAgent = "guard"
	client.WarningHandlerWithContext = rest.NoWarnings{}
	c := &Cluster{Context: name, Namespace: cmp.Or(namespace, "default")}
	if err := c.connect(ctx, client); err != nil {
		return nil, fmt.Errorf("read cluster %s: %w", name, err)
	}
	return c, nil
}

// connect makes the clients, which share one connection, and asks for the kinds.
func (c *Cluster) connect(ctx context.Context, config *rest.Config) error {
	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	server := &api{context: c.Context, host: config.Host, redactor: redact.New()}
	if server.objects, err = dynamic.NewForConfigAndClient(config, transport); err != nil {
		return err
	}
	if server.metadata, err = metadata.NewForConfigAndClient(metadata.ConfigFor(config), transport); err != nil {
		return err
	}
	bound := *transport
	bound.Transport = cancelled{ctx, cmp.Or(bound.Transport, http.DefaultTransport)}
	finder, err := discovery.NewDiscoveryClientForConfigAndClient(config, &bound)
	if err != nil {
		return err
	}
	server.raw, c.from = finder.RESTClient(), server
	c.kinds, err = discover(finder)
	return err
}

// cancelled ends requests with a context of its own: client-go's discovery takes none.
type cancelled struct {
	ctx  context.Context // see above
	next http.RoundTripper
}

// RoundTrip sends the request. It is cancelled also while its body is read.
func (c cancelled) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(request.Context())
	context.AfterFunc(c.ctx, cancel)
	response, err := c.next.RoundTrip(request.WithContext(ctx))
	if err != nil && c.ctx.Err() != nil {
		err = c.ctx.Err()
	}
	return response, err
}

// Scopes tells define of every kind whether it is namespaced.
func (c *Cluster) Scopes(define func(group, kind string, namespaced bool)) {
	for gvk, r := range c.kinds.served {
		define(gvk.Group, gvk.Kind, r.namespaced)
	}
}
