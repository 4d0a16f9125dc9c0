package cluster

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/data-guard/guard/engine/object"
)

// What only a kubelet knows has kinds of its own, one object a node, with the node's name. To read it one needs get on
// nodes/proxy, which is the right to do much more on the node.
const (
	nodeGroup         = "data-guard.dev"
	nodeVersion       = "v1"
	nodeConfiguration = "NodeConfiguration"
	nodeStatistics    = "NodeStatistics"
)

// NodeWants are the kinds of what only kubelets know.
func NodeWants() []Want {
	return []Want{
		{Group: nodeGroup, Version: nodeVersion, Kind: nodeConfiguration},
		{Group: nodeGroup, Version: nodeVersion, Kind: nodeStatistics},
	}
}

// configuration are the fields of a KubeletConfiguration that decide what becomes of pods and volumes
// (https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/). The kubelet's root directory is none: it is an
// option of the command line that /configz does not tell.
var configuration = []string{ //nolint:gochecknoglobals // a table
	"enableControllerAttachDetach", "evictionHard", "evictionMaxPodGracePeriod", "evictionMinimumReclaim", "evictionPressureTransitionPeriod",
	"evictionSoft", "evictionSoftGracePeriod", "localStorageCapacityIsolation", "maxPods", "podLogsDir", "shutdownGracePeriod",
	"shutdownGracePeriodByPodPriority", "shutdownGracePeriodCriticalPods", "staticPodPath", "volumePluginDir",
}

func (k *kinds) addNodes() {
	if _, ok := k.preferred[schema.GroupKind{Kind: "Node"}]; !ok {
		return
	}
	for _, kind := range []string{nodeConfiguration, nodeStatistics} {
		gvk := schema.GroupVersionKind{Group: nodeGroup, Version: nodeVersion, Kind: kind}
		k.served[gvk] = resource{}
		k.preferred[gvk.GroupKind()] = gvk
	}
}

// nodes asks the kubelets. With an error come the objects of nodes that answered.
func (a *api) nodes(ctx context.Context, kind string) ([]*object.Object, error) {
	list, err := a.metadata.Resource(schema.GroupVersionResource{Version: "v1", Resource: "nodes"}).List(ctx, apimeta.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	objects, problems := make([]*object.Object, len(list.Items)), make([]error, len(list.Items))
	group := errgroup.Group{}
	group.SetLimit(listsAtOnce)
	for i := range list.Items {
		group.Go(func() error {
			objects[i], problems[i] = a.node(ctx, kind, list.Items[i].Name)
			return nil
		})
	}
	if err := errors.Join(group.Wait(), ctx.Err()); err != nil {
		return nil, err
	}
	objects = slices.DeleteFunc(objects, func(o *object.Object) bool { return o == nil })
	problems = slices.DeleteFunc(problems, func(err error) bool { return err == nil })
	switch {
	case len(problems) == 0:
		return objects, nil
	case len(problems) == 1:
		return objects, problems[0]
	default:
		return objects, fmt.Errorf("%d of %d nodes did not tell: %w", len(problems), len(list.Items), problems[0])
	}
}

func (a *api) node(ctx context.Context, kind, name string) (*object.Object, error) {
	path, keep := []string{"configz"}, configured
	if kind == nodeStatistics {
		path, keep = []string{"stats", "summary"}, counted
	}
	answer := a.raw.Get().AbsPath(append([]string{"api", "v1", "nodes", name, "proxy"}, path...)...).Do(ctx)
	if err := answer.Error(); err != nil {
		if apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) {
			return nil, err
		}
		return nil, fmt.Errorf("ask node %s: %w", name, err)
	}
	text, err := answer.Raw()
	if err != nil {
		return nil, fmt.Errorf("ask node %s: %w", name, err)
	}
	fields, err := keep(text)
	if err != nil {
		return nil, fmt.Errorf("read what node %s says: %w", name, err)
	}
	fields["metadata"] = map[string]any{"name": name}
	l := list{GroupVersionKind: schema.GroupVersionKind{Group: nodeGroup, Version: nodeVersion, Kind: kind}}
	return a.object(object.NewDecoder(), l, fields)
}

func configured(text []byte) (map[string]any, error) {
	var said struct {
		Configuration map[string]any `json:"kubeletconfig"`
	}
	if err := decode(text, &said); err != nil {
		return nil, err
	}
	fields := map[string]any{}
	for _, name := range configuration {
		if value, ok := said.Configuration[name]; ok {
			fields[name] = value
		}
	}
	return map[string]any{"configuration": fields}, nil
}

// space is how much a file system holds and has left (https://kubernetes.io/docs/reference/instrumentation/node-metrics/).
type space struct {
	Available *json.Number `json:"availableBytes,omitempty"`
	Capacity  *json.Number `json:"capacityBytes,omitempty"`
	Used      *json.Number `json:"usedBytes,omitempty"`
}

func counted(text []byte) (map[string]any, error) {
	var said struct {
		Node struct {
			Files *space `json:"fs"`
		} `json:"node"`
		Pods []struct {
			Volumes []struct {
				space

				Claim *struct{ Namespace, Name string } `json:"pvcRef"`
			} `json:"volume"`
		} `json:"pods"`
	}
	if err := decode(text, &said); err != nil {
		return nil, err
	}
	type claim struct {
		space

		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	}
	claims := []claim{}
	for _, pod := range said.Pods {
		for _, volume := range pod.Volumes {
			if volume.Claim != nil {
				claims = append(claims, claim{volume.space, volume.Claim.Namespace, volume.Claim.Name})
			}
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	claims = slices.CompactFunc(claims, func(a, b claim) bool { return a.Namespace == b.Namespace && a.Name == b.Name })
	kept, err := json.Marshal(map[string]any{"fs": said.Node.Files, "claims": claims})
	if err != nil {
		return nil, err
	}
	fields := map[string]any{}
	return fields, decode(kept, &fields)
}

func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(into)
}
