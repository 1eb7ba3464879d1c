package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.client.Outcome;
import org.ferrisdb.node.local.NodePorts;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * A disk fills up: all three nodes share a small tmpfs. Needs root; says so where it is skipped.
 */
class DiskFullTest {
  @Test
  void fullDiskGivesTypedErrorsAndTheClusterRecoversWhenSpaceReturns() throws Exception {
    Path mount = ClusterUnderTest.temporaryDirectory();
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", mount.toString()) == 0,
        "a tmpfs can not be mounted here (root is needed)");
    Path ballast = mount.resolve("ballast");
    try (ClusterUnderTest cluster =
            ClusterUnderTest.start(
                2,
                NodePorts.free(3, new Random()),
                Map.of("disk.reserve", "16m"),
                mount.resolve("cluster"));
        Ferris ferris =
            cluster.connect(FerrisOptions.defaults().withDeadline(Duration.ofSeconds(2)))) {
      Map<String, String> acknowledged = new TreeMap<>();
      byte[] filler = new byte[50_000];
      ferris.put(utf8("disk/before"), utf8("kept"));
      acknowledged.put("disk/before", "kept");

      try (RandomAccessFile file = new RandomAccessFile(ballast.toFile(), "rw")) {
        byte[] block = new byte[1 << 20];
        long target = Files.getFileStore(mount).getUsableSpace() - (8 << 20);
        for (long n = 0; n < target; n += block.length) {
          file.write(block);
        }
      }
      @Nullable FerrisException seen = null;
      for (int i = 0; i < 2_000 && seen == null; i++) {
        try {
          ferris.put(utf8("filler/" + i), Bytes.ofBytes(filler));
          ferris.put(utf8("disk/" + i), utf8("v" + i));
          acknowledged.put("disk/" + i, "v" + i);
        } catch (FerrisException e) {
          seen = e;
        }
      }
      FerrisException refusal =
          Objects.requireNonNull(seen, "no write failed while the disk was full");
      System.out.println("with a full disk: " + refusal.code() + " " + refusal.getMessage());
      assertThat(refusal.hint()).isNotEmpty();
      assertThat(refusal.outcome()).isIn(Outcome.NOT_APPLIED, Outcome.UNKNOWN);

      Files.delete(ballast);
      cluster.await("writes after space returned", () -> canWrite(ferris));
      cluster.awaitHealthy();
      for (Map.Entry<String, String> entry : acknowledged.entrySet()) {
        assertThat(ferris.get(utf8(entry.getKey())).map(Entry::value).map(Bytes::toUtf8))
            .as(entry.getKey())
            .contains(entry.getValue());
      }
      cluster.passed();
    } finally {
      run("umount", "-l", mount.toString());
    }
  }

  private static boolean canWrite(Ferris ferris) {
    try {
      ferris.put(utf8("disk/after"), utf8("again"));
      return true;
    } catch (FerrisException e) {
      return false;
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
