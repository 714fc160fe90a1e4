/// The module of the pages of jobs: shows the job's progress as it comes, and the report when it is
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
        const report = job.report;
        if (report && "added" in report) {
          const read = report.added + report.updated + report.unchanged + report.duplicates;
          text.textContent = `${number.format(read)} bookmarks read`;
        } else {
          text.textContent = `${number.format((report ?? job).done)} bookmarks looked at`;
        }
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
