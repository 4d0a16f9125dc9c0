package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/policy"
)

// page is how many objects are asked for at once.
const page = 500

// Read asks a cluster for the facts that Judge needs, and only lists. namespace is Gatekeeper's; "" takes it from the
// service of Gatekeeper's webhook, else where its manifests install it. What may not be read is named in the
// installation; what does not exist is not there. The error says that nothing at all could be read.
func Read(ctx context.Context, objects dynamic.Interface, kinds discovery.DiscoveryInterface, policies []*policy.Policy, namespace string) (*Installation, error) {
	in := &Installation{Namespace: namespace, Claims: map[string]int{}}
	r := reader{objects: objects, in: in}
	r.discover(kinds, groupsOf(policies))
	for _, access := range gatekeeper.Accesses(policies) {
		r.list(ctx, access)
		if in.Namespace == "" {
			in.Namespace = namespaceOf(in)
		}
	}
	if r.answered == 0 {
		return nil, fmt.Errorf("read cluster: %w", errors.Join(r.errs...))
	}
	return in, ctx.Err()
}

// reader fills an installation.
type reader struct {
	objects  dynamic.Interface
	in       *Installation
	errs     []error
	answered int
}

func (r *reader) unread(group, resource string, err error) {
	r.in.Unread = append(r.in.Unread, Unread{group, resource, err.Error()})
	r.errs = append(r.errs, err)
}

// list reads the objects of a resource page by page. A resource that the cluster does not know has none.
func (r *reader) list(ctx context.Context, a gatekeeper.Access) {
	var client dynamic.ResourceInterface = r.objects.Resource(a.GroupVersionResource)
	if a.InNamespace {
		client = r.objects.Resource(a.GroupVersionResource).Namespace(r.in.Namespace)
	}
	options := metav1.ListOptions{Limit: page}
	for {
		list, err := client.List(ctx, options)
		if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
			return
		}
		if err != nil {
			r.unread(a.Group, a.Resource, err)
			return
		}
		r.answered++
		for _, o := range list.Items {
			if err := r.in.add(a, o); err != nil {
				r.unread(a.Group, a.Resource, fmt.Errorf("read %s %s: %w", a.Resource, o.GetName(), err))
				return
			}
		}
		if options.Continue = list.GetContinue(); options.Continue == "" {
			return
		}
	}
}

// add puts an object where it belongs. Of claims only their number stays.
func (in *Installation) add(a gatekeeper.Access, o unstructured.Unstructured) error {
	switch a.Resource {
	case "validatingwebhookconfigurations":
		return typed(&in.Webhooks, o)
	case "namespaces":
		return typed(&in.Namespaces, o)
	case "persistentvolumeclaims":
		in.Claims[o.GetNamespace()]++
	case "constrainttemplates":
		in.Templates = append(in.Templates, o)
	case "syncsets":
		in.SyncSets = append(in.SyncSets, o)
	case "configs":
		in.Configs = append(in.Configs, o)
	case "deployments":
		return typed(&in.Deployments, o)
	case "services":
		return typed(&in.Services, o)
	case "endpointslices":
		return typed(&in.EndpointSlices, o)
	default:
		in.Constraints = append(in.Constraints, o)
	}
	return nil
}

func typed[T any](list *[]T, o unstructured.Unstructured) error {
	var one T
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &one); err != nil {
		return err
	}
	*list = append(*list, one)
	return nil
}

// namespaceOf is where the service of Gatekeeper's webhook is.
func namespaceOf(in *Installation) string {
	for _, h := range hooksOf(in) {
		if h.ClientConfig.Service != nil {
			return h.ClientConfig.Service.Namespace
		}
	}
	return gatekeeper.Namespace
}

// groupsOf are the API groups of what the policies judge and look up.
func groupsOf(policies []*policy.Policy) map[string]bool {
	groups := map[string]bool{}
	for _, p := range policies {
		for _, m := range p.Match.Kinds {
			for _, group := range m.APIGroups {
				groups[group] = true
			}
		}
		for _, read := range p.Reads {
			groups[gvk(read).Group] = true
		}
	}
	return groups
}

// discover asks which kinds are served. Of a group whose server does not answer nothing is known; it matters only when
// a policy names it.
func (r *reader) discover(kinds discovery.DiscoveryInterface, groups map[string]bool) {
	_, lists, err := discovery.ServerGroupsAndResources(kinds)
	if failed, ok := discovery.GroupDiscoveryFailedErrorGroups(err); ok {
		for _, gv := range sortedGroups(failed) {
			if !groups[gv.Group] && !groups["*"] {
				continue
			}
			r.unread(gv.Group, "", fmt.Errorf("discover %s: %w", gv, failed[gv]))
		}
	} else if err != nil {
		r.unread("*", "", fmt.Errorf("discover kinds: %w", err))
		return
	}
	r.answered++
	r.in.Served = map[schema.GroupKind]Served{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			r.unread(list.GroupVersion, "", fmt.Errorf("discover kinds: %w", err))
			continue
		}
		r.in.learn(gv, list.APIResources)
	}
}

func sortedGroups(failed map[schema.GroupVersion]error) []schema.GroupVersion {
	var groups []schema.GroupVersion
	for gv := range failed {
		groups = append(groups, gv)
	}
	slices.SortFunc(groups, func(a, b schema.GroupVersion) int { return strings.Compare(a.String(), b.String()) })
	return groups
}

// learn takes a version's resources; a subresource stands as resource/subresource beside its resource, and may be of
// another kind.
func (in *Installation) learn(gv schema.GroupVersion, resources []metav1.APIResource) {
	byResource := map[string]schema.GroupKind{}
	for _, r := range resources {
		if strings.Contains(r.Name, "/") {
			continue
		}
		kind := schema.GroupKind{Group: gv.Group, Kind: r.Kind}
		byResource[r.Name] = kind
		served := in.Served[kind]
		served.Resource, served.Namespaced = r.Name, r.Namespaced
		served.Versions = append(served.Versions, gv.Version)
		if served.Subresources == nil {
			served.Subresources = []string{}
		}
		in.Served[kind] = served
	}
	for _, r := range resources {
		resource, subresource, ok := strings.Cut(r.Name, "/")
		if kind, known := byResource[resource]; ok && known {
			served := in.Served[kind]
			served.Subresources = append(served.Subresources, subresource)
			in.Served[kind] = served
		}
	}
}
