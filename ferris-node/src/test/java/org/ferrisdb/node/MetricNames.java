package org.ferrisdb.node;

import java.util.List;

/**
 * Every metric of ours; dashboards and alerts know them by these names, so a change is deliberate.
 */
final class MetricNames {
  static final List<String> GOLDEN =
      List.of(
          "ferris_connections",
          "ferris_connections_limit",
          "ferris_connections_malformed_total",
          "ferris_connections_refused_total",
          "ferris_disk_free_bytes",
          "ferris_disk_low",
          "ferris_disk_reserve_bytes",
          "ferris_disk_slow",
          "ferris_inflight_bytes",
          "ferris_inflight_bytes_limit",
          "ferris_ingress_bytes",
          "ferris_leaders",
          "ferris_lsm_bytes",
          "ferris_lsm_compactions_total",
          "ferris_lsm_flushes_total",
          "ferris_lsm_memtable_bytes",
          "ferris_lsm_stall_seconds_total",
          "ferris_lsm_tables",
          "ferris_map_version",
          "ferris_memory_budget_bytes",
          "ferris_oracle_alarmed",
          "ferris_oracle_drawn_total",
          "ferris_oracle_serving",
          "ferris_raft_applied_index",
          "ferris_raft_commit_index",
          "ferris_raft_failed",
          "ferris_raft_leader",
          "ferris_raft_log_bytes",
          "ferris_raft_term",
          "ferris_ready",
          "ferris_replicas_rebuilt_total",
          "ferris_replicas_reopened_total",
          "ferris_requests_refused_total",
          "ferris_requests_seconds",
          "ferris_requests_seconds_max",
          "ferris_shard_evaluated_total",
          "ferris_shard_inflight",
          "ferris_shard_lease_seconds",
          "ferris_shard_outcomes",
          "ferris_shard_proposed_total",
          "ferris_shard_queued",
          "ferris_shard_serving");

  private MetricNames() {}
}
