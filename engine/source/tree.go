package source

import "path/filepath"

// Tree is where files are that are named as the user names them. The zero value is the working directory; a git revision
// is read from a folder it was written to, and its files keep their names in the repository.
type Tree struct {
	// Root is a folder on disk that stands for the working directory; "" for that itself.
	Root string
}

// Disk is the path on disk of a file that is named as the user names it. An absolute name is of no tree.
func (t Tree) Disk(name string) string {
	if t.Root == "" || filepath.IsAbs(filepath.FromSlash(name)) {
		return filepath.FromSlash(name)
	}
	return filepath.Join(t.Root, filepath.FromSlash(name))
}

// name is the inverse of Disk.
func (t Tree) name(disk string) string {
	if t.Root == "" {
		return filepath.ToSlash(disk)
	}
	name, err := filepath.Rel(t.Root, disk)
	if err != nil {
		return filepath.ToSlash(disk)
	}
	return filepath.ToSlash(name)
}
