package org.ferrisdb.node.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.junit.jupiter.api.Test;

/** What engines count of themselves comes out as Prometheus's text. */
final class EngineMetersTest {
  private static final Path HOME = Path.of("/disk/engine");

  /** A node of which nothing is asked but its storage. */
  private static NodeView nodeOf(StorageResources resources) {
    return (NodeView)
        Proxy.newProxyInstance(
            NodeView.class.getClassLoader(),
            new Class<?>[] {NodeView.class},
            (_, method, _) -> {
              assertThat(method.getName()).isEqualTo("storage");
              return resources.stats();
            });
  }

  private static double value(PrometheusMeterRegistry registry, String series) {
    return registry
        .scrape()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void syncs_of_a_wal_are_counted_and_timed_and_unsynced_writes_are_none() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (StorageResources resources = new StorageResources(1 << 20, 1);
        StorageEngine engine =
            StorageEngine.open(
                new FaultyFileSystem(), HOME, StorageOptions.defaults(Durability.WAL), resources)) {
      NodeView node = nodeOf(resources);
      new EngineMeters(registry).registerShared(node);
      assertThat(value(registry, "ferris_storage_wal_sync_seconds_count")).isZero();
      for (int i = 0; i < 3; i++) {
        engine.write(new WriteBatch().put(EngineModel.bytes("a"), i, new byte[0]));
        engine.writeUnsynced(new WriteBatch().put(EngineModel.bytes("b"), i, new byte[0]));
      }
      assertThat(value(registry, "ferris_storage_wal_sync_seconds_count")).isEqualTo(3);
      double all = value(registry, "ferris_storage_wal_sync_seconds_sum");
      double longest = value(registry, "ferris_storage_wal_sync_within_seconds{share=\"1\"}");
      double half = value(registry, "ferris_storage_wal_sync_within_seconds{share=\"0.5\"}");
      assertThat(longest).isPositive().isLessThanOrEqualTo(all);
      assertThat(half).isPositive().isLessThanOrEqualTo(longest);
    }
  }
}
