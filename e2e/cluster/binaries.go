// Package cluster runs a real etcd, kube-apiserver, kube-controller-manager and Gatekeeper as processes on loopback.
package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// GatekeeperVersion and KubernetesVersion are what servers/go.mod pins; TestVersions holds them to it.
const (
	GatekeeperVersion = "v3.23.1"
	KubernetesVersion = "v1.36.3"
)

// flags say which versions the servers call themselves; discovery and guard doctor read them.
func flags() []string {
	set := func(name, value string) string { return "-X " + name + "=" + value }
	var ld = []string{"-s", "-w"}
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		ld = append(ld, set(pkg+".gitVersion", KubernetesVersion), set(pkg+".gitMajor", "1"), set(pkg+".gitMinor", "36"), set(pkg+".gitTreeState", "clean"))
	}
	ld = append(ld, set("github.com/open-policy-agent/gatekeeper/v3/pkg/version.Version", GatekeeperVersion))
	return []string{"-trimpath", "-buildvcs=false", "-ldflags", strings.Join(ld, " ")}
}

// Binaries is the folder with etcd, kube-apiserver, kube-controller-manager, kubectl, gatekeeper and gator. They are
// built from the modules that servers pins, which takes minutes, and kept in the user's cache by what they are made
// from; root is the e2e folder.
func Binaries(ctx context.Context, root string) (string, error) {
	servers := filepath.Join(root, "servers")
	key := sha256.New()
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(servers, file))
		if err != nil {
			return "", fmt.Errorf("find cached servers: %w", err)
		}
		key.Write(text)
	}
	version, err := output(ctx, servers, "go", "env", "GOVERSION", "GOOS", "GOARCH")
	if err != nil {
		return "", err
	}
	key.Write([]byte(version + strings.Join(flags(), " ")))
	caches, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find cached servers: %w", err)
	}
	folder := filepath.Join(caches, "data-guard-e2e", hex.EncodeToString(key.Sum(nil))[:16])
	if _, err := os.Stat(folder); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return folder, err
	}
	return folder, build(ctx, servers, folder)
}

// build writes beside the folder and renames, so that a build that was cut off leaves nothing that looks whole.
func build(ctx context.Context, servers, folder string) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return fmt.Errorf("build servers: %w", err)
	}
	building, err := os.MkdirTemp(filepath.Dir(folder), "building-")
	if err != nil {
		return fmt.Errorf("build servers: %w", err)
	}
	args := append([]string{"build"}, flags()...)
	cmd := exec.CommandContext(ctx, "go", append(args, "-o", building+string(filepath.Separator), "tool")...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = servers, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly"), os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build servers: %w", err)
	}
	// etcd's main package is called server.
	if err := os.Rename(filepath.Join(building, "server"), filepath.Join(building, "etcd")); err != nil {
		return fmt.Errorf("build servers: %w", err)
	}
	if err := os.Rename(building, folder); err != nil {
		return fmt.Errorf("build servers: %w", err)
	}
	return nil
}

// manifest is a file of Gatekeeper's module, at the version that runs.
func manifest(ctx context.Context, root, name string) ([]byte, error) {
	folder, err := output(ctx, filepath.Join(root, "servers"), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/open-policy-agent/gatekeeper/v3")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(folder), filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("read Gatekeeper's %s: %w", name, err)
	}
	return text, nil
}

func output(ctx context.Context, folder, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	var problem strings.Builder
	cmd.Stderr = &problem
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run %s %s: %w: %s", name, strings.Join(args, " "), err, strings.TrimSpace(problem.String()))
	}
	return string(text), nil
}
