package kustomize

import (
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/hasher"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/data-guard/guard/engine/object"
)

// one lets a single build run: the schema that kustomize merges by is a global, and so is where its warnings go.
//
//nolint:gochecknoglobals // it guards globals
var one sync.Mutex

// krustyBuild is `kubectl kustomize`: only built-in plugins, files from below each kustomization.
func krustyBuild(d *disk, folder string) (resources []*resource.Resource, err error) {
	one.Lock()
	defer one.Unlock()
	defer quiet()()
	defer func() {
		if cause := recover(); cause != nil {
			resources, err = nil, fmt.Errorf("kustomize gave up: %v", cause)
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified
	built, err := krusty.MakeKustomizer(options).Run(d, folder)
	if err != nil {
		return nil, err
	}
	return built.Resources(), nil
}

// quiet keeps kustomize's warnings about deprecated fields from the terminal until the function that it returns is called:
// kustomize writes them to the process's standard error and to the default logger, and lets nobody say otherwise.
func quiet() func() {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return func() {}
	}
	stderr, logged := os.Stderr, log.Writer() //nolint:forbidigo // there is no other way to silence kustomize
	os.Stderr = null                          //nolint:forbidigo // as above
	log.SetOutput(io.Discard)                 //nolint:forbidigo // as above
	return func() {
		os.Stderr = stderr    //nolint:forbidigo // as above
		log.SetOutput(logged) //nolint:forbidigo // as above
		_ = null.Close()      //nolint:errcheck // nothing was to be kept
	}
}

// withoutHash is the name of a generated object without the hash of its content that kustomize adds, which is told by
// computing the hash anew.
func withoutHash(node *yaml.RNode, o *object.Object) (string, bool) {
	i := strings.LastIndexByte(o.Name, '-')
	if i < 0 || o.Group != "" || o.Kind != "ConfigMap" && o.Kind != "Secret" {
		return "", false
	}
	bare := node.Copy()
	if err := bare.SetName(o.Name[:i]); err != nil {
		return "", false
	}
	hash, err := (&hasher.Hasher{}).Hash(bare)
	return o.Name[:i], err == nil && hash == o.Name[i+1:]
}
