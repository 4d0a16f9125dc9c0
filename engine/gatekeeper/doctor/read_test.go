package doctor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	discoveryfake "k8s.io/client-go/discovery/fake"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/data-guard/guard/engine/gatekeeper"
	"github.com/data-guard/guard/engine/gatekeeper/doctor"
	"github.com/data-guard/guard/engine/policy"
)

// cluster serves an installation.
func cluster(t *testing.T, in *doctor.Installation, loaded []*policy.Policy) (*dynamicfake.FakeDynamicClient, *discoveryfake.FakeDiscovery) {
	t.Helper()
	kinds := map[schema.GroupVersionResource]string{}
	byResource := map[string]gatekeeper.Access{}
	for _, a := range gatekeeper.Accesses(loaded) {
		kinds[a.GroupVersionResource] = "List"
		byResource[a.Resource] = a
	}
	objects := dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), kinds)
	put := func(resource, kind string, object any) {
		var u unstructured.Unstructured
		convert(t, object, &u.Object)
		a := byResource[resource]
		u.SetAPIVersion(a.GroupVersion().String())
		u.SetKind(kind)
		if _, err := objects.Resource(a.GroupVersionResource).Namespace(u.GetNamespace()).Create(t.Context(), &u, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range in.Webhooks {
		put("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", o)
	}
	for _, o := range in.Namespaces {
		put("namespaces", "Namespace", o)
	}
	for _, o := range in.Deployments {
		put("deployments", "Deployment", o)
	}
	for _, o := range in.Services {
		put("services", "Service", o)
	}
	for _, o := range in.EndpointSlices {
		put("endpointslices", "EndpointSlice", o)
	}
	for _, o := range slices.Concat(in.Templates, in.Constraints, in.SyncSets) {
		resource := strings.ToLower(o.GetKind())
		if o.GetKind() == "ConstraintTemplate" || o.GetKind() == "SyncSet" {
			resource += "s"
		}
		put(resource, o.GetKind(), o.Object)
	}
	put("configs", "Config", config(t, map[string]any{}).Object)
	for _, name := range []string{"data-db-0", "data-db-1"} {
		put("persistentvolumeclaims", "PersistentVolumeClaim", map[string]any{"metadata": map[string]any{"name": name, "namespace": "shop"}})
	}
	return objects, &discoveryfake.FakeDiscovery{Fake: &clienttesting.Fake{Resources: resources(in)}}
}

func resources(in *doctor.Installation) []*metav1.APIResourceList {
	byVersion := map[string]*metav1.APIResourceList{}
	for kind, served := range in.Served {
		for _, version := range served.Versions {
			gv := schema.GroupVersion{Group: kind.Group, Version: version}.String()
			if byVersion[gv] == nil {
				byVersion[gv] = &metav1.APIResourceList{GroupVersion: gv}
			}
			list := &byVersion[gv].APIResources
			for _, subresource := range served.Subresources {
				*list = append(*list, metav1.APIResource{Name: served.Resource + "/" + subresource, Kind: "Scale"})
			}
			*list = append(*list, metav1.APIResource{Name: served.Resource, Kind: kind.Kind, Namespaced: served.Namespaced})
		}
	}
	var lists []*metav1.APIResourceList
	for _, list := range byVersion {
		lists = append(lists, list)
	}
	return lists
}

func TestWhatIsReadIsJudgedAsItIs(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	objects, kinds := cluster(t, clean(t, loaded), loaded)
	in, err := doctor.Read(t.Context(), objects, kinds, loaded, "")
	if err != nil {
		t.Fatal(err)
	}
	if in.Namespace != "gatekeeper-system" || in.Claims["shop"] != 2 || len(in.Configs) != 1 || len(in.Unread) > 0 {
		t.Errorf("namespace %s, claims %v, %d configs, unread %v", in.Namespace, in.Claims, len(in.Configs), in.Unread)
	}
	if got := in.Served[schema.GroupKind{Kind: "Namespace"}]; got.Namespaced || got.Resource != "namespaces" || !slices.Contains(got.Subresources, "finalize") {
		t.Errorf("namespaces are served as %v", got)
	}
	for _, v := range judge(in, loaded, 1).Policies {
		if v.CanFire != doctor.Yes {
			t.Errorf("%s can fire: %s %v", v.Policy, v.CanFire, v.Gaps)
		}
	}
	for _, action := range objects.Actions() {
		if verb := action.GetVerb(); verb != "list" && verb != "create" {
			t.Errorf("%s %s", verb, action.GetResource())
		}
	}
}

// TestWhatMayNotBeReadIsNamed refuses one resource after the other.
func TestWhatMayNotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	served := clean(t, loaded)
	for resource, test := range map[string]struct {
		policy string
		answer doctor.Answer
		code   string
	}{
		"validatingwebhookconfigurations": {claims, doctor.CannotTell, "webhook-unread"},
		"namespaces":                      {claims, doctor.CannotTell, "namespaces-unread"},
		"persistentvolumeclaims":          {claims, doctor.Yes, ""},
		"constrainttemplates":             {claims, doctor.CannotTell, "template-unread"},
		"syncsets":                        {claims, doctor.CannotTell, "sync-unread"},
		"configs":                         {claims, doctor.CannotTell, "config-unread"},
		"deployments":                     {claims, doctor.CannotTell, "gatekeeper-version"},
		"services":                        {claims, doctor.CannotTell, "service-unread"},
		"endpointslices":                  {claims, doctor.CannotTell, "service-unread"},
		"guardprotectpvcdelete":           {claims, doctor.CannotTell, "constraint-unread"},
		"guardprotectnamespacedelete":     {claims, doctor.Yes, ""},
	} {
		t.Run(resource, func(t *testing.T) {
			t.Parallel()
			objects, kinds := cluster(t, served, loaded)
			objects.PrependReactor("list", resource, func(action clienttesting.Action) (bool, runtime.Object, error) {
				return true, nil, apierrors.NewForbidden(action.GetResource().GroupResource(), "", errors.New("no right"))
			})
			in, err := doctor.Read(t.Context(), objects, kinds, loaded, "")
			if err != nil {
				t.Fatal(err)
			}
			report := judge(in, loaded, 1)
			if report.Could() || len(report.Unread) != 1 || report.Unread[0].Resource != resource || !strings.Contains(report.Unread[0].Reason, "forbidden") {
				t.Errorf("unread %v", report.Unread)
			}
			v := report.Policies[slices.IndexFunc(report.Policies, func(v doctor.Verdict) bool { return v.Policy == test.policy })]
			if v.CanFire != test.answer || test.code != "" && !slices.ContainsFunc(v.Gaps, func(g doctor.Gap) bool { return g.Code == test.code && g.Effect == doctor.Unknown }) {
				t.Errorf("%s can fire: %s %v", v.Policy, v.CanFire, v.Gaps)
			}
		})
	}
}

func TestNamespacesWhoseClaimsMayNotBeReadCountAsHoldingSome(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	in := clean(t, loaded)
	in.Namespaces[2].Labels = map[string]string{"admission.gatekeeper.sh/ignore": "yes"}
	in.Claims, in.Unread = nil, []doctor.Unread{{Resource: "persistentvolumeclaims", Reason: "forbidden"}}
	for _, v := range judge(in, loaded, 1).Policies {
		if v.Policy == claims && (v.CanFire != doctor.Partly || !strings.Contains(v.Gaps[0].String(), "of which nobody says whether they hold claims")) {
			t.Errorf("%s can fire: %s %v", v.Policy, v.CanFire, v.Gaps)
		}
	}
}

func TestAClusterWithoutGatekeeperIsReadToo(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	objects, kinds := cluster(t, &doctor.Installation{}, loaded)
	objects.PrependReactor("list", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if strings.HasSuffix(action.GetResource().Group, "gatekeeper.sh") {
			return true, nil, apierrors.NewNotFound(action.GetResource().GroupResource(), "")
		}
		return false, nil, nil
	})
	in, err := doctor.Read(t.Context(), objects, kinds, loaded, "")
	if err != nil {
		t.Fatal(err)
	}
	report := judge(in, loaded, 1)
	if !report.Could() || report.Count(doctor.No) != len(loaded) || report.Version != "unknown" || in.Namespace != gatekeeper.Namespace {
		t.Errorf("could tell %t, %d of %d cannot fire, version %s in %s", report.Could(), report.Count(doctor.No), len(loaded), report.Version, in.Namespace)
	}
}

func TestAClusterThatDoesNotAnswerIsAnError(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	objects, kinds := cluster(t, &doctor.Installation{}, loaded)
	refuse := func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, errors.New("connection refused")
	}
	objects.PrependReactor("*", "*", refuse)
	kinds.PrependReactor("*", "*", refuse)
	if in, err := doctor.Read(t.Context(), objects, kinds, loaded, ""); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("read %v, error %v", in, err)
	}
}

func TestEveryPageIsRead(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	objects, kinds := cluster(t, clean(t, loaded), loaded)
	pages := 0
	objects.PrependReactor("list", "persistentvolumeclaims", func(clienttesting.Action) (bool, runtime.Object, error) {
		list := &unstructured.UnstructuredList{Object: map[string]any{"metadata": map[string]any{}}}
		for range 3 {
			list.Items = append(list.Items, unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"namespace": "shop"}}})
		}
		if pages++; pages == 1 {
			list.SetContinue("more")
		}
		return true, list, nil
	})
	in, err := doctor.Read(t.Context(), objects, kinds, loaded, "")
	if err != nil || in.Claims["shop"] != 6 {
		t.Errorf("claims %v, error %v", in.Claims, err)
	}
}

// TestAGroupThatDoesNotAnswer: it matters where a policy names the group.
func TestAGroupThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	for group, matters := range map[string]bool{"metrics.example.com": false, "snapshot.storage.k8s.io": true} {
		objects, kinds := cluster(t, clean(t, loaded), loaded)
		kinds.Resources = slices.DeleteFunc(kinds.Resources, func(l *metav1.APIResourceList) bool { return strings.HasPrefix(l.GroupVersion, group+"/") })
		kinds.Resources = append(kinds.Resources, &metav1.APIResourceList{GroupVersion: group + "/v1"})
		in, err := doctor.Read(t.Context(), objects, silent{kinds, group + "/v1"}, loaded, "")
		if err != nil {
			t.Fatal(err)
		}
		unread := slices.ContainsFunc(in.Unread, func(u doctor.Unread) bool { return u.Group == group && u.Resource == "" })
		if unread != matters {
			t.Errorf("%s: unread %v", group, in.Unread)
		}
		for _, v := range judge(in, loaded, 1).Policies {
			if v.CanFire != doctor.Yes {
				t.Errorf("%s can fire: %s %v", v.Policy, v.CanFire, v.Gaps)
			}
		}
	}
}

// silent is a discovery that answers for all versions but one.
type silent struct {
	*discoveryfake.FakeDiscovery

	version string
}

func (s silent) ServerResourcesForGroupVersionWithContext(ctx context.Context, version string) (*metav1.APIResourceList, error) {
	if version == s.version {
		return nil, errors.New("the server is currently unable to handle the request")
	}
	return s.FakeDiscovery.ServerResourcesForGroupVersionWithContext(ctx, version)
}
