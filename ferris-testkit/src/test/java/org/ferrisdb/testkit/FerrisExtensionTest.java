package org.ferrisdb.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ferrisdb.client.Bytes.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.client.Version;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;

@FerrisTest(shards = 3, settings = "retention=1m")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FerrisExtensionTest {
  @Test
  @Order(1)
  void theClusterIsAsTheAnnotationSays(Ferris ferris, EmbeddedFerris cluster) {
    assertThat(ferris.clusterInfo().shards()).hasSize(3);
    assertThat(cluster.nodes()).containsExactly("n1");
    assertThat(ferris.nodeStatuses().getFirst().json().orElseThrow())
        .containsPattern("\"retention\": \\{\\s*\"value\": \"1m\"");
    ferris.put(utf8("left"), utf8("behind"));
    List<CompletableFuture<Version>> writes = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      writes.add(ferris.async().put(utf8("many/" + i), utf8("x")));
    }
    writes.forEach(CompletableFuture::join);
    cluster.stop("n1");
  }

  @Test
  @Order(2)
  void everyMethodFindsAWholeAndEmptyCluster(Ferris ferris, EmbeddedFerris cluster) {
    assertThat(cluster.running()).containsExactly("n1");
    assertThat(ferris.scan(KeyRange.all()).toList()).isEmpty();
  }

  @Nested
  class Inside {
    @Test
    void nestedClassesShareTheCluster(Ferris ferris, EmbeddedFerris cluster) {
      assertThat(cluster.url()).contains(ferris.clusterInfo().nodes().getFirst().address());
      assertThat(ferris.clusterInfo().shards()).hasSize(3);
    }
  }

  @Test
  void aSettingThatIsNoneIsNamed() {
    assertThat(FerrisExtension.settings(new String[] {"a = b", "c=d=e"}))
        .isEqualTo(Map.of("a", "b", "c", "d=e"));
    assertThatThrownBy(() -> FerrisExtension.settings(new String[] {"nonsense"}))
        .isInstanceOf(ExtensionConfigurationException.class)
        .hasMessageContaining("'nonsense' is not key=value");
    assertThatThrownBy(() -> EmbeddedFerris.builder().nodes(10)).hasMessageContaining("10 nodes");
  }
}
