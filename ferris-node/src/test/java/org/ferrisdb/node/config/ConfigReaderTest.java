package org.ferrisdb.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ferrisdb.storage.LevelCompression;
import org.ferrisdb.storage.sstable.Compression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigReaderTest {
  @TempDir Path directory;

  private static NodeConfig flags(String... pairs) {
    Map<String, String> flags = new java.util.LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      flags.put(pairs[i], pairs[i + 1]);
    }
    return ConfigReader.read(Optional.empty(), Map.of(), flags);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("ferris.conf"), text);
  }

  @Test
  void aNodeThatIsToldNothingListensOnLoopbackAndIsACluster() {
    NodeConfig config = flags();

    assertThat(config.clientListen()).isEqualTo(new HostPort("127.0.0.1", 7001));
    assertThat(config.clientListen().isLoopback()).isTrue();
    assertThat(config.raftListen().isLoopback()).isTrue();
    assertThat(config.httpListen().isLoopback()).isTrue();
    assertThat(config.seeds()).containsExactly(config.clientAdvertise());
    assertThat(config.initialNodes()).isEqualTo(1);
    assertThat(config.shards()).isEqualTo(4);
  }

  @Test
  void aNodeHasAnAddressForEveryNamedNetwork() {
    assertThat(flags("client.networks", "outside=127.0.0.1:7001, vpn=[fd00::1]:7001").networks())
        .isEqualTo(Map.of("outside", "127.0.0.1:7001", "vpn", "[fd00::1]:7001"));
    assertThat(flags().networks()).isEmpty();
  }

  @Test
  void aFlagBeatsTheEnvironmentAndTheEnvironmentBeatsTheFile() throws IOException {
    Path file = file("# mine\nnode.name = fromfile\ncluster.shards=2\n  retention = 1h\n");

    NodeConfig config =
        ConfigReader.read(
            Optional.of(file),
            Map.of("FERRIS_NODE_NAME", "fromenv", "FERRIS_CLUSTER_SHARDS", "3"),
            Map.of("node.name", "fromflag"));

    assertThat(config.name()).isEqualTo("fromflag");
    assertThat(config.shards()).isEqualTo(3);
    assertThat(config.retention()).isEqualTo(Duration.ofHours(1));
    assertThat(config.describe())
        .contains("node.name = fromflag  # flag\n")
        .contains("cluster.shards = 3  # environment FERRIS_CLUSTER_SHARDS\n")
        .contains("retention = 1h  # file ferris.conf line 4\n")
        .contains("raft.lease = 500ms  # default\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "client.listen | nowhere | client.listen = 'nowhere' (from flag): not host:port; write it as 127.0.0.1:7001",
        "cluster.shards | 0 | cluster.shards = '0' (from flag): out of range; use 1 to 256",
        "cluster.shards | many | cluster.shards = 'many' (from flag): not a whole number; use 1 to 256",
        "raft.lease | 2s | raft.lease = '2s' (from flag): not below raft.election-timeout-min; a lease that outlives an election keeps the new leader waiting",
        "client.networks | outside | client.networks = 'outside' (from flag): 'outside' is not network=host:port; name each by 1 to 32 small letters, digits and dashes, and not 'default'",
        "client.networks | default=a:1 | client.networks = 'default=a:1' (from flag): 'default=a:1' is not network=host:port; name each by 1 to 32 small letters, digits and dashes, and not 'default'",
        "client.networks | outside=a | client.networks = 'outside=a' (from flag): 'a' is not host:port; write name=host:7001",
        "client.networks | a=b:1,a=c:1 | client.networks = 'a=b:1,a=c:1' (from flag): a is there twice; remove one",
        "retention | 10 years | retention = '10 years' (from flag): not a duration; write 500ms, 10s, 5m or 1h",
        "disk.reserve | 1 | disk.reserve = '1' (from flag): out of range; use at least 1048576 bytes",
        "cluster.seeds | a:1,a:1 | cluster.seeds = 'a:1,a:1' (from flag): a:1 is there twice; remove one",
        "cluster.split-keys | m | cluster.split-keys = 'm' (from flag): 1 keys make 2 shards; set cluster.shards to that",
        "cluster.split-keys | m,g,z | cluster.split-keys = 'm,g,z' (from flag): not ascending at 'g'; sort them by bytes",
        "cluster.initial-nodes | 3 | cluster.initial-nodes = '3' (from flag): more than the 1 of cluster.seeds; list every initial node's client address in cluster.seeds",
        "raft.listen | 127.0.0.1:7001 | raft.listen = '127.0.0.1:7001' (from flag): the same as client.listen; give each its own port",
        "storage.compression | gzip | storage.compression = 'gzip' (from flag): not a compression; use none, lz4 or zstd",
        "storage.bottom-compression | none | storage.bottom-compression = 'none' (from flag): less than storage.compression = 'lz4'; set both to that, or storage.compression to less",
        "limits.conections | 5 | 'limits.conections' (from flag): no such setting; did you mean 'limits.connections'?",
      })
  void aWrongSettingIsNamedWithValueSourceAndRemedy(String key, String value, String message) {
    assertThatThrownBy(() -> flags(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
  }

  @Test
  void theDeepestLevelIsCompressedLikeTheOthersUnlessToldOtherwise() {
    assertThat(flags().compression()).isEqualTo(LevelCompression.LZ4);
    assertThat(flags("storage.compression", "zstd").compression())
        .isEqualTo(LevelCompression.same(Compression.ZSTD));
    assertThat(
            flags("storage.compression", "None", "storage.bottom-compression", "Zstd")
                .compression())
        .isEqualTo(new LevelCompression(Compression.NONE, Compression.ZSTD));
  }

  @Test
  void aKeyThatIsTwiceInTheFileIsRefused() throws IOException {
    Path file = file("node.name = a\n\nnode.name = b\n");

    assertThatThrownBy(() -> ConfigReader.read(Optional.of(file), Map.of(), Map.of()))
        .hasMessage("node.name (from file ferris.conf line 3): set already in line 1; remove one");
  }

  @Test
  void aFileThatDoesNotExistIsNamed() {
    Path missing = directory.resolve("missing.conf");

    assertThatThrownBy(() -> ConfigReader.read(Optional.of(missing), Map.of(), Map.of()))
        .hasMessageContaining("missing.conf does not exist");
  }

  @Test
  void splitKeysMayHoldAnyByte() {
    NodeConfig config = flags("cluster.shards", "3", "cluster.split-keys", "\\x00\\xff, ä");

    assertThat(config.splitKeys())
        .usingElementComparator(java.util.Arrays::compareUnsigned)
        .isEqualTo(List.of(new byte[] {0, (byte) 0xff}, new byte[] {(byte) 0xc3, (byte) 0xa4}));
  }

  @Test
  void everyKeyHasADocumentedDefaultThatIsValid() {
    assertThat(ConfigKey.table().lines().count()).isEqualTo(2L * ConfigKey.values().length);
    for (ConfigKey key : ConfigKey.values()) {
      assertThat(key.doc()).endsWith(".");
      assertThat(flags(key.key(), key.defaultValue())).isNotNull();
    }
  }
}
