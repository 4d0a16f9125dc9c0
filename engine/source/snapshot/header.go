package snapshot

import (
	"fmt"
	"time"

	"github.com/data-guard/guard/engine/source/cluster"
)

// Version is that of the format. It changes when an older guard would misread a file.
const Version = 1

// Snapshot is a cluster at a moment.
type Snapshot struct {
	*cluster.Record

	// Taken is when its reading began, in UTC, to the second; zero where nobody says.
	Taken time.Time
	// Guard is the version of guard that took it; "" for what other tools have written.
	Guard string
	// Skipped are documents that are no Kubernetes objects; Problems what could not be used. Files of guard have neither.
	Skipped, Problems []Note
	// Files and Documents count what other tools have written.
	Files, Documents int
}

// header is the first line of a file.
type header struct {
	Format    string            `json:"format"`
	Version   int               `json:"version"`
	Guard     string            `json:"guard"`
	Taken     time.Time         `json:"taken"`
	Context   string            `json:"context"`
	Namespace string            `json:"contextNamespace"`
	Only      string            `json:"onlyNamespace,omitempty"`
	Kinds     []kind            `json:"kinds"`
	Failed    map[string]string `json:"apiFailed,omitempty"`
	Absent    []string          `json:"notServed,omitempty"`
}

type kind struct {
	Group      string   `json:"group,omitempty"`
	Version    string   `json:"version"`
	Kind       string   `json:"kind"`
	Namespaced bool     `json:"namespaced,omitempty"`
	Preferred  bool     `json:"preferred,omitempty"`
	Listing    *listing `json:"read,omitempty"`
}

type listing struct {
	Objects   int    `json:"objects"`
	Namespace string `json:"namespace,omitempty"`
	Gap       *gap   `json:"gap,omitempty"`
}

type gap struct {
	Reason  string `json:"reason,omitempty"`
	Code    int32  `json:"code,omitempty"`
	Message string `json:"message"`
}

// end is the last line.
type end struct {
	Objects int `json:"objects"`
}

const format = "guard-snapshot"

func (s *Snapshot) header() header {
	h := header{
		Format: format, Version: Version, Guard: s.Guard, Taken: s.Taken, Context: s.Context, Namespace: s.Namespace,
		Only: s.Only, Kinds: []kind{}, Failed: s.Failed, Absent: s.Absent,
	}
	for _, k := range s.Kinds {
		written := kind{Group: k.Group, Version: k.Version, Kind: k.Kind, Namespaced: k.Namespaced, Preferred: k.Preferred}
		if l := k.Listing; l != nil {
			written.Listing = &listing{Objects: len(l.Objects), Namespace: l.Namespace}
			if g := l.Gap; g != nil {
				written.Listing.Gap = &gap{g.Reason, g.Code, g.Message}
			}
		}
		h.Kinds = append(h.Kinds, written)
	}
	return h
}

// snapshot has no objects yet.
func (h header) snapshot() (*Snapshot, error) {
	if h.Format != format || h.Version != Version {
		return nil, fmt.Errorf("the header is that of %q, version %d", h.Format, h.Version)
	}
	s := &Snapshot{Taken: h.Taken, Guard: h.Guard, Record: &cluster.Record{
		Context: h.Context, Namespace: h.Namespace, Only: h.Only, Failed: h.Failed, Absent: h.Absent,
	}}
	for _, k := range h.Kinds {
		read := cluster.Kind{Group: k.Group, Version: k.Version, Kind: k.Kind, Namespaced: k.Namespaced, Preferred: k.Preferred}
		if l := k.Listing; l != nil {
			if l.Objects < 0 {
				return nil, fmt.Errorf("the header counts %d objects of %s", l.Objects, read)
			}
			read.Listing = &cluster.Listing{Namespace: l.Namespace}
			if g := l.Gap; g != nil {
				read.Listing.Gap = &cluster.Gap{Reason: g.Reason, Code: g.Code, Message: g.Message}
			}
		}
		s.Kinds = append(s.Kinds, read)
	}
	return s, nil
}

func (h header) objects() int {
	n := 0
	for _, k := range h.Kinds {
		if k.Listing != nil {
			n += min(k.Listing.Objects, maxObjects+1)
		}
	}
	return n
}
