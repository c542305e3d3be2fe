"""What we measure beside peers, fit and ablate; run from a clone as `python -m benchmarks.studies.NAME`.

Of choosing: `ablation` (each mechanism's worth), `codet_replay` (selection methods on CodeT's pools), `stop_rule`,
`choosing_cost`, `fit_confidence`. Of problems and tests: `agreement` (our verdicts beside published ones),
`references`, `jury_submissions`, `statement_layouts`, `input_validity`. Of sampling: `sampler_throughput`,
`sampler_attempts`, `sampler_fidelity`. Of the sandbox: `sandbox_throughput`, `sandbox_mix`, `cpp_costs`. `results`
prints the table of committed runs. The other modules serve these.

Not covered: `solve bench`, which is `benchmarks` itself, is installed, and imports nothing from here.
"""
