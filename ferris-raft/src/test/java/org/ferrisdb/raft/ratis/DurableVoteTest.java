package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.server.storage.RaftStorageMetadataFile;
import org.ferrisdb.raft.ratis.DurableVote.Vote;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second copy of a vote: when it is written, and when it is used. */
class DurableVoteTest {
  @TempDir Path directory;

  /** Ratis's file, of which only what it remembers matters here. */
  private static final class Remembered implements RaftStorageMetadataFile {
    private RaftStorageMetadata metadata = RaftStorageMetadata.getDefault();

    @Override
    public RaftStorageMetadata getMetadata() {
      return metadata;
    }

    @Override
    public void persist(RaftStorageMetadata next) {
      metadata = next;
    }

    void persist(long term, String votedFor) {
      persist(RaftStorageMetadata.valueOf(term, RaftPeerId.valueOf(votedFor)));
    }
  }

  private final Remembered ratis = new Remembered();

  private void copyIs(long term, String votedFor) throws IOException {
    ratis.persist(term, votedFor);
    new DurableVote(directory, ratis).keep();
  }

  private Path ratisFile() {
    return directory.resolve(DurableVote.RATIS_FILE);
  }

  private void ratisFileIs(String text) throws IOException {
    Files.writeString(ratisFile(), text);
  }

  @Test
  void a_term_may_be_relied_on_once_it_is_in_the_copy() throws Exception {
    DurableVote vote = new DurableVote(directory, ratis);
    ratis.persist(3, "b");
    vote.require(3);
    vote.require(2);
    assertThat(DurableVote.decode(Files.readAllBytes(directory.resolve(DurableVote.FILE))))
        .isEqualTo(new Vote(3, "b"));
    // Ratis is in term 4 and could not write it.
    assertThatIOException().isThrownBy(() -> vote.require(4)).withMessageContaining("term 4");
  }

  @Test
  void a_term_that_can_not_be_copied_is_not_relied_on_and_is_copied_later() throws Exception {
    DurableVote vote = new DurableVote(directory, ratis);
    ratis.persist(3, "b");
    vote.keep();
    Path inTheWay = Files.createDirectories(directory.resolve(DurableVote.FILE + ".new"));
    ratis.persist(4, "c");
    assertThatIOException().isThrownBy(() -> vote.require(4));
    assertThatIOException().isThrownBy(() -> vote.require(4));
    Files.delete(inTheWay);
    vote.require(4);
    ratisFileIs("");
    DurableVote.repair(directory);
    assertThat(ratisFile()).content().contains("term=4", "votedFor=c");
  }

  @Test
  void unreadable_files_of_ratis_are_replaced_by_the_copy() throws Exception {
    copyIs(12, "b");
    String good = "#\n#some date\nterm=12\nvotedFor=b\n";
    String otherWayRound = "votedFor=x\nterm=1"; // of term 13, cut off: an earlier term
    for (String bad :
        new String[] {
          "",
          "#\n",
          "term=12",
          "votedFor=b",
          "term=\nvotedFor=b\n",
          "\\u00",
          otherWayRound,
          good.replace("12", "twelve")
        }) {
      ratisFileIs(bad);
      DurableVote.repair(directory);
      assertThat(ratisFile()).content().contains("term=12\n", "votedFor=b\n");
    }
  }

  @Test
  void the_later_one_wins() throws Exception {
    copyIs(5, "b");
    for (String later : new String[] {"term=6\nvotedFor=\n", "term=6\nvotedFor=c\n"}) {
      ratisFileIs(later);
      DurableVote.repair(directory);
      assertThat(ratisFile()).content().isEqualTo(later);
    }
    for (String earlier : new String[] {"term=4\nvotedFor=c\n", "term=5\nvotedFor=\n"}) {
      ratisFileIs(earlier);
      DurableVote.repair(directory);
      assertThat(ratisFile()).content().contains("term=5", "votedFor=b");
    }
    copyIs(7, "");
    ratisFileIs("term=7\nvotedFor=c\n");
    DurableVote.repair(directory);
    assertThat(ratisFile()).content().contains("votedFor=c");
  }

  @Test
  void two_votes_in_one_term_are_not_decided_here() throws Exception {
    copyIs(5, "b");
    ratisFileIs("term=5\nvotedFor=c\n");
    assertThatIOException()
        .isThrownBy(() -> DurableVote.repair(directory))
        .withMessageContaining("two votes");
    assertThat(ratisFile()).content().contains("votedFor=c");
  }

  @Test
  void without_a_whole_copy_nothing_is_touched() throws Exception {
    ratisFileIs("");
    DurableVote.repair(directory);
    assertThat(ratisFile()).isEmptyFile();
    byte[] good = DurableVote.encode(new Vote(5, "b"));
    Path copy = directory.resolve(DurableVote.FILE);
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      Files.write(copy, flipped);
      DurableVote.repair(directory);
      assertThat(ratisFile()).isEmptyFile();
    }
    for (int length = 0; length < good.length; length++) {
      Files.write(copy, Arrays.copyOf(good, length));
      DurableVote.repair(directory);
      assertThat(ratisFile()).isEmptyFile();
    }
    Files.write(copy, good);
    Files.delete(ratisFile());
    DurableVote.repair(directory);
    assertThat(ratisFile()).as("a log without it is lost, not damaged").doesNotExist();
  }

  @Test
  void a_damaged_copy_is_written_anew_from_a_good_file() throws Exception {
    Files.writeString(directory.resolve(DurableVote.FILE), "damaged");
    copyIs(5, "b");
    assertThat(DurableVote.decode(Files.readAllBytes(directory.resolve(DurableVote.FILE))))
        .isEqualTo(new Vote(5, "b"));
  }
}
