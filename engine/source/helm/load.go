package helm

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"helm.sh/helm/v4/pkg/chart/loader/archive"

	"github.com/data-guard/guard/engine/object"
)

const (
	chartFile = "Chart.yaml"
	// maxArchives is how deep archives of subcharts nest.
	maxArchives = 16
)

// files are a chart's files in memory.
type files struct {
	data []*archive.BufferedFile
	// shown names each by the first byte of its content, which Helm keeps where it is. Archives of subcharts are folders here.
	shown map[*byte]string
	size  int64
}

// add takes a file that Helm calls name and the user shown; an archive of a subchart is taken apart.
func (f *files) add(name, shown string, data []byte, depth int) error {
	if f.size += int64(len(data)); f.size > archive.MaxDecompressedChartSize {
		return fmt.Errorf("the chart is larger than the %d MiB that Helm loads", archive.MaxDecompressedChartSize>>20)
	}
	if !subchartArchive.MatchString(name) {
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		f.data = append(f.data, &archive.BufferedFile{Name: name, Data: data})
		if len(data) > 0 {
			f.shown[&data[0]] = shown
		}
		return nil
	}
	if depth == maxArchives {
		return fmt.Errorf("archives of subcharts nest deeper than %d", maxArchives)
	}
	return f.unpack(name+unpacked, shown, data, depth+1)
}

// unpacked tells the folder that an archive of a subchart becomes from the archive: Helm loads what ends in .tgz as one.
const unpacked = ".d"

var subchartArchive = regexp.MustCompile(`^(?:charts/[^/]+/)*charts/[^/_.][^/]*\.tgz$`)

func (f *files) unpack(name, shown string, data []byte, depth int) error {
	inner, err := archive.LoadArchiveFiles(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("unpack %s: %w", shown, err)
	}
	for _, file := range inner {
		if err := f.add(path.Join(name, file.Name), path.Join(shown, file.Name), file.Data, depth); err != nil {
			return err
		}
	}
	return nil
}

// load reads the chart's folder or archive.
func (r *run) load() *files {
	loaded := &files{shown: map[*byte]string{}}
	info, err := r.stat(r.Path)
	switch {
	case err != nil:
		r.problem(r.place(), "open chart: %v", cause(err))
	case info.IsDir():
		r.loadFolder(loaded)
	default:
		text, err := r.readFile(r.Path)
		if err == nil {
			err = loaded.unpack("", r.Path, text, 0)
		}
		if err != nil {
			r.problem(r.place(), "open chart: %v", cause(err))
		}
	}
	return loaded
}

func (r *run) loadFolder(loaded *files) {
	root, err := r.openRoot(r.Path)
	if err != nil {
		r.problem(r.place(), "open chart: %v", cause(err))
		return
	}
	defer root.Close() //nolint:errcheck // nothing was written
	w := walk{run: r, root: root, files: loaded}
	if w.ignored, err = ignoredBy(root); err != nil {
		r.problem(object.Place{File: path.Join(r.Path, ".helmignore")}, "read: %v", cause(err))
		return
	}
	w.folder(".", nil)
	for _, f := range loaded.data {
		if f.Name == chartFile {
			return
		}
	}
	if len(r.read.Problems) == 0 {
		r.problem(r.place(), "open chart: no Chart.yaml is in it")
	}
}

// openRoot opens a folder that the user named. A name below the working directory does not lead out of it by a link: who
// writes the files is not who runs guard.
func (r *run) openRoot(name string) (*os.Root, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return os.OpenRoot(r.Tree.Disk(name))
	}
	top, err := os.OpenRoot(r.Tree.Disk("."))
	if err != nil {
		return nil, err
	}
	defer top.Close() //nolint:errcheck // nothing was written
	return top.OpenRoot(filepath.FromSlash(name))
}

func (r *run) stat(name string) (fs.FileInfo, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return os.Stat(r.Tree.Disk(name))
	}
	dir, file := path.Split(name)
	root, err := r.openRoot(path.Clean(dir))
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // nothing was written
	return root.Stat(cmp.Or(file, "."))
}

// readFile reads a regular file that the user named.
func (r *run) readFile(name string) ([]byte, error) {
	dir, file := path.Split(name)
	root, err := r.openRoot(path.Clean(dir))
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // nothing was written
	return readAt(root, file)
}

func readAt(root *os.Root, name string) ([]byte, error) {
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(file, archive.MaxDecompressedChartSize+1))
	if err == nil && int64(len(text)) > archive.MaxDecompressedChartSize {
		err = fmt.Errorf("larger than the %d MiB that Helm loads", archive.MaxDecompressedChartSize>>20)
	}
	return text, err
}

func regular(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.Mode().IsRegular()
}

// cause is the error without the path, which the place says already.
func cause(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		if escapes(failed) {
			return errors.New("a link leads out of the working directory and is not followed")
		}
		return failed.Err
	}
	return err
}

// escapes knows the error of os.Root for a path that leads out of it, which is not exported.
func escapes(err error) bool { return strings.Contains(err.Error(), "path escapes from parent") }
