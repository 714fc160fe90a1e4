/// The module of the import page: shows the job's progress as it comes, and the report when it is
/// done. Without it the page refreshes itself.
let progressScript: StaticString = """
    const box = document.querySelector("[data-job]");
    if (box) {
      const bar = box.querySelector("progress");
      const text = box.querySelector("output");
      const source = new EventSource(`/api/v1/jobs/${encodeURIComponent(box.dataset.job)}`);
      const number = new Intl.NumberFormat(document.documentElement.lang);
      source.onmessage = (event) => {
        const job = JSON.parse(event.data);
        const done = job.report.added + job.report.updated + job.report.unchanged
          + job.report.duplicates;
        text.textContent = `${number.format(done)} bookmarks read`;
        if (job.bytes && job.bytes.total) bar.value = job.bytes.read / job.bytes.total;
        if (job.state !== "running") {
          source.close();
          location.reload();
        }
      };
      source.onerror = () => {
        source.close();
        setTimeout(() => location.reload(), 3000);
      };
    }
    """
