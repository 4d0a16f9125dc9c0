package kustomize

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/data-guard/guard/engine/object"
)

// maxFile is the largest file that is read.
const maxFile = 64 << 20

// disk is the file system that kustomize sees: readable, and only as far as the tree goes. What is not needed for a build
// is an empty tree in memory.
type disk struct {
	filesys.FileSystem

	// base is the folder that names are relative to; bound is where links may lead; both are real, absolute paths.
	base, bound string
	// closed says that nothing outside of bound is read, link or not: the tree is a copy.
	closed bool
	// top is the kustomization's real folder, path its name.
	top, path string
	// temporary is where kustomize clones to; "" when it must not.
	temporary string
	// texts are the files read, names those shown, by their real paths: places are looked for when the tree may be gone.
	texts map[string][]byte
	names map[string]string
}

func newDisk(k Kustomization) (*disk, string, error) {
	d := &disk{FileSystem: filesys.MakeEmptyDirInMemory(), closed: k.Tree.Root != "", path: k.Path, texts: map[string][]byte{}, names: map[string]string{}}
	base, err := realPath(k.Tree.Disk("."))
	if err != nil {
		return d, "", err
	}
	top, err := realPath(k.Tree.Disk(k.Path))
	if err != nil {
		return d, "", err
	}
	d.base, d.top = base, top
	d.bound = base
	if !d.closed {
		d.bound = bound(base, top)
	} else if !within(base, top) {
		return d, "", errors.New("it lies outside of the tree")
	}
	if k.AllowRemote {
		if d.temporary, err = realPath(os.TempDir()); err != nil {
			return d, "", err
		}
	}
	return d, top, nil
}

// bound is the git work tree around a folder, or else the working directory if the folder is in it, or else the folder.
func bound(base, top string) string {
	for dir := top; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if within(base, top) {
		return base
	}
	return top
}

func realPath(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	path, err = filepath.EvalSymlinks(absolute)
	return path, cause(err)
}

func within(folder, path string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, string(filepath.Separator))+string(filepath.Separator))
}

// cause is the error without the path, which the place says already.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// resolve follows the links of an absolute path, as far as they may lead.
func (d *disk) resolve(path string) (string, error) {
	path = filepath.Clean(path)
	target, err := realPath(path)
	switch {
	case err != nil:
		return "", err
	case d.cloned(target) || within(d.bound, target):
		return target, nil
	case d.closed:
		return "", errors.New("it lies outside of the tree")
	case target != path:
		return "", fmt.Errorf("a link leads outside of %s", d.show(d.bound))
	default:
		return target, nil
	}
}

// cloned says that a path is in one of kustomize's clones.
func (d *disk) cloned(path string) bool {
	return d.temporary != "" && strings.HasPrefix(path, filepath.Join(d.temporary, "kustomize-"))
}

// CleanedAbs takes an absolute path apart into its real folder and its file; the file is "" for a folder.
func (d *disk) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	target, err := d.resolve(path)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", path, err)
	}
	info, err := os.Stat(target)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", path, cause(err))
	}
	if info.IsDir() {
		return filesys.ConfirmedDir(target), "", nil
	}
	return filesys.ConfirmedDir(filepath.Dir(target)), filepath.Base(target), nil
}

// ReadFile reads a regular file; the same file is the same bytes throughout a build.
func (d *disk) ReadFile(path string) ([]byte, error) {
	if text, ok := d.texts[path]; ok {
		return text, nil
	}
	target, err := d.resolve(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if text, ok := d.texts[target]; ok {
		return text, nil
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s: %d bytes are more than the %d that are read at once", path, info.Size(), maxFile)
	}
	text, err := os.ReadFile(target)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	d.texts[target] = text
	return text, nil
}

// IsDir says that a path is a folder that may be read.
func (d *disk) IsDir(path string) bool {
	target, err := d.resolve(path)
	if err != nil {
		return false
	}
	info, err := os.Stat(target)
	return err == nil && info.IsDir()
}

// Exists says that a path is there and may be read.
func (d *disk) Exists(path string) bool {
	_, err := d.resolve(path)
	return err == nil
}

// RemoveAll removes one of kustomize's clones, and nothing else.
func (d *disk) RemoveAll(path string) error {
	if !d.cloned(path) {
		return fmt.Errorf("%s: it is not for kustomize to remove", path)
	}
	return os.RemoveAll(path)
}

// show names a real path as the user would.
func (d *disk) show(path string) string {
	name, ok := d.names[path]
	if !ok {
		name = d.name(path)
		d.names[path] = name
	}
	return name
}

func (d *disk) name(path string) string {
	from, rel := d.top, d.path
	if !within(d.top, path) && (d.closed || !filepath.IsAbs(d.path)) {
		from, rel = d.base, ""
	}
	below, err := filepath.Rel(from, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	name := filepath.Join(filepath.FromSlash(rel), below)
	// An absolute name with a link in it may not be one of what is beside it.
	if filepath.IsAbs(name) && !d.closed && !within(d.top, path) {
		if target, err := realPath(name); err != nil || target != path {
			return filepath.ToSlash(path)
		}
	}
	return filepath.ToSlash(name)
}

// document is a file's text as places are found in it.
func (d *disk) document(path string, text []byte) *object.Document {
	return &object.Document{File: d.show(path), Line: 1, Text: text}
}
