package doctor

import (
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Installation is what a cluster says about its Gatekeeper: facts as they were read, nothing concluded. The zero value
// is a cluster without Gatekeeper.
type Installation struct {
	// Namespace is Gatekeeper's own.
	Namespace string
	// Webhooks are all validating webhook configurations, others than Gatekeeper's too.
	Webhooks   []admissionv1.ValidatingWebhookConfiguration
	Namespaces []corev1.Namespace
	// Claims counts the PersistentVolumeClaims of each namespace that has any.
	Claims map[string]int
	// Templates, Constraints, SyncSets and Configs are Gatekeeper's objects; constraints of guard's policies alone.
	Templates, Constraints, SyncSets, Configs []unstructured.Unstructured
	// Deployments, Services and EndpointSlices are those in Gatekeeper's namespace.
	Deployments    []appsv1.Deployment
	Services       []corev1.Service
	EndpointSlices []discoveryv1.EndpointSlice
	// Served are the kinds that the API server serves; nil when it did not say.
	Served map[schema.GroupKind]Served
	// Unread is what could not be read.
	Unread []Unread
}

// Served is a kind as the API server serves it.
type Served struct {
	Resource   string
	Namespaced bool
	Versions   []string
	// Subresources in any of the versions, such as "status".
	Subresources []string
}

// Unread is a resource that could not be read, so that nothing can be concluded from its absence.
type Unread struct {
	// Group and Resource; Resource is "" for a group whose kinds are not known.
	Group    string `json:"group"`
	Resource string `json:"resource,omitempty"`
	Reason   string `json:"reason"`
}

// String is the resource as kubectl names it.
func (u Unread) String() string {
	switch {
	case u.Resource == "":
		return "the kinds of API group " + u.Group
	case u.Group == "":
		return u.Resource
	default:
		return u.Resource + "." + u.Group
	}
}

// unread says whether the resource could not be read.
func (in *Installation) unread(resource string) bool {
	return slices.ContainsFunc(in.Unread, func(u Unread) bool { return u.Resource == resource })
}

// served says whether requests about the kind can be made at all, and how. Of a kind in a group that could not be
// read, and of every kind when nothing is known, it assumes so.
func (in *Installation) served(kind schema.GroupKind, resource string) (Served, bool) {
	if s, ok := in.Served[kind]; ok {
		return s, true
	}
	known := in.Served != nil && !slices.ContainsFunc(in.Unread, func(u Unread) bool { return u.Resource == "" && u.Group == kind.Group })
	return Served{Resource: resource, Namespaced: true}, !known
}
