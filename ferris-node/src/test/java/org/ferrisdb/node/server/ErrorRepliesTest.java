package org.ferrisdb.node.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;
import org.ferrisdb.client.wire.Outcome;
import org.ferrisdb.client.wire.WriteRequest;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Applied;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ErrorRepliesTest {
  private static final Envelope WRITE =
      Envelope.newBuilder().setWrite(WriteRequest.getDefaultInstance()).build();

  @ParameterizedTest
  @EnumSource(Reason.class)
  void everyReasonOfAShardHasTheCodeOfItsName(Reason reason) {
    ErrorReply reply = ErrorReplies.of(ShardException.refused(reason, "why"), WRITE);

    assertThat(reply.getCode().name()).isEqualTo(reason.name());
    assertThat(reply.getOutcome()).isEqualTo(Outcome.NOT_APPLIED);
    assertThat(reply.getHint()).isNotEmpty();
  }

  @Test
  void leaderDescriptorsAndAnUnknownOutcomeTravelAlong() {
    NodeId leader = new NodeId("00000000000000aa");
    ShardDescriptor shard = new ShardDescriptor(new ShardId(3), KeyRange.ALL, List.of(leader), 7);
    ShardException failure =
        new ShardException(
            Reason.NOT_LEADER, Applied.UNKNOWN, "two\nlines", Optional.of(leader), List.of(shard));

    ErrorReply reply = ErrorReplies.of(new CompletionException(failure), WRITE);

    assertThat(reply.getOutcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(reply.getLeaderNodeId()).isEqualTo(leader.value());
    assertThat(reply.getDescriptorsList()).containsExactly(Protos.toProto(shard));
    assertThat(Protos.fromProto(reply.getDescriptors(0))).isEqualTo(shard);
    assertThat(reply.getMessage()).isEqualTo("two lines");
  }

  @Test
  void aBugIsInternalAndTheOutcomeOfAWriteThenUnknown() {
    assertThat(ErrorReplies.of(new NullPointerException(), WRITE))
        .extracting(ErrorReply::getCode, ErrorReply::getOutcome)
        .containsExactly(ErrorCode.INTERNAL, Outcome.UNKNOWN);
    assertThat(
            ErrorReplies.of(new NullPointerException(), Envelope.getDefaultInstance()).getOutcome())
        .isEqualTo(Outcome.NOT_APPLIED);
  }
}
