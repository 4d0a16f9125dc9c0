package helm

func (r *run) failures(err error) {
	r.problem(r.place(), "render chart: %v", err)
}
