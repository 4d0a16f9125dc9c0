package redact

import (
	"slices"
	"strings"
)

// attributes says that the map holds what a storage driver wants to know of a volume or class.
func (w walker) attributes(name, key string) bool {
	switch key {
	case "volumeAttributes":
		return true
	case "options":
		return name == "flexVolume"
	case "parameters":
		return w.group == "storage.k8s.io" || strings.HasSuffix(w.kind, "SnapshotClass") || strings.HasSuffix(w.kind, "StorageClass") ||
			strings.HasSuffix(w.kind, "AttributesClass")
	default:
		return false
	}
}

// knownAttributes say where and how data are kept, in lower case. They are those of the drivers that policies know and of
// the drivers in wide use; whoever invents others may put anything into them.
var knownAttributes = []string{ //nolint:gochecknoglobals // a table
	// Directories: NFS, SMB, Gluster, Lustre, EFS, host path provisioners.
	"server", "share", "subdir", "source", "path", "basepath", "pathpattern", "archiveondelete", "ondelete", "nfsversion", "nfsvers",
	"mountpermissions", "filesystemid", "provisioningmode", "directoryperms", "gidrangestart", "gidrangeend", "uid", "gid", "nodepath",
	"volumetype", "volumename", "volumeid", "dnsname", "mountname", "deploymenttype", "fileshare", "sharename", "subpath", "nodeaffinity",
	// Disks.
	"type", "fstype", "fs", "iops", "iopspergb", "throughput", "encrypted", "kmskeyid", "zone", "zones", "replication-type", "skuname", "storageaccounttype",
	"kind", "cachingmode", "diskname", "diskuri", "fsname", "partition", "blocksize", "provisioned-iops-on-create", "lvmvolumegroup", "vgname",
	"thinprovision", "storage", "disktype", "datastore", "datastoreurl", "storagepolicyname", "availability", "performance",
	// Ceph, Longhorn, OpenEBS, Linstor, Portworx.
	"clusterid", "pool", "datapool", "imagename", "imagefeatures", "imageformat", "journalpool", "subvolumename", "subvolumepath", "staticvolume", "rootpath", "mounter",
	"numberofreplicas", "stalereplicatimeout", "datalocality", "replicaautobalance", "diskselector", "nodeselector", "frombackup",
	"recurringjobselector", "backingimage", "unmapmarksnapchainremoved", "migratable", "castype", "poolname", "recordsize", "compression", "dedup",
	"repl", "io_profile", "priority_io", "sharedv4", "placementcount", "storagepool", "allowremotevolumeaccess", "layerlist", "resourcegroup", "replicas", "protocol",
	// Snapshots and buckets.
	"snapshottype", "snapshotdeletepolicy", "bucket", "region", "force-create", "incremental",
}

// known keeps the attributes in the table, and those of Kubernetes' own, which are names of Secrets and the like.
func (w walker) known(m map[string]any) map[string]any {
	kept := make(map[string]any, len(m))
	for key, value := range m {
		lower := strings.ToLower(key)
		s, isText := value.(string)
		switch {
		case !isText:
			kept[key] = w.hidden(value)
		case slices.Contains(knownAttributes, lower), strings.HasPrefix(lower, "csi.storage.k8s.io/"), strings.HasPrefix(lower, "storage.kubernetes.io/"):
			kept[key] = w.value(key, s)
		default:
			kept[key] = w.hide(s)
		}
	}
	return kept
}
