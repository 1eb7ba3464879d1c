package org.ferrisdb.node.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmOptionsTest {
  @TempDir Path dist;

  @Test
  void anOptionMayBeForOneNode() {
    List<String> more = List.of("-Dall=1", "n1:-Done=1", "n2:-Dother=1");
    assertThat(JvmOptions.forNode("n1", more)).endsWith("-Dall=1", "-Done=1");
    assertThat(JvmOptions.forNode("n3", more)).endsWith("-Dall=1").doesNotContain("-Done=1");
  }

  @Test
  void theTrainedCacheLiesBesideTheJarsAndAnEmptyFileIsNone() throws IOException {
    Path jar = dist.resolve("lib").resolve("ferris-node.jar");
    String classPath = jar + File.pathSeparator + dist.resolve("other.jar");
    assertThat(JvmOptions.trainedCache(classPath)).isEmpty();
    Path cache = Files.createFile(dist.resolve("node.aot"));
    assertThat(JvmOptions.trainedCache(classPath)).isEmpty();
    Files.writeString(cache, "a cache");
    assertThat(JvmOptions.trainedCache(classPath)).contains(cache);
    assertThat(JvmOptions.trainedCache(dist.resolve("classes").toString())).isEmpty();
  }
}
