package org.ferrisdb.node.cluster;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.FormReply;
import org.ferrisdb.client.wire.FormRequest;
import org.ferrisdb.client.wire.JoinReply;
import org.ferrisdb.client.wire.JoinRequest;
import org.ferrisdb.node.cluster.FormationDecision.Seed;
import org.ferrisdb.node.cluster.FormationDecision.Step;
import org.ferrisdb.node.cluster.FormationDecision.View;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.node.config.NodeConfig;
import org.ferrisdb.node.server.Protos;
import org.ferrisdb.shard.map.NodeRecord;
import org.jspecify.annotations.Nullable;

/**
 * Carries out {@link FormationDecision}: finds out, or decides, which cluster this node belongs to.
 * {@link #run} is one thread's; the other methods may be called from any.
 */
public final class Formation {
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
  private static final long PAUSE_MILLIS = 250;
  private static final long REFUSED_PAUSE_MILLIS = 5_000;

  private record Offer(ClusterPlan plan, CompletableFuture<FormReply> reply) {}

  private final NodeConfig config;
  private final NodeRecord self;
  private final Membership membership;
  private final PeerClient peers;
  private final Supplier<UUID> newClusterId;
  private final BlockingQueue<Offer> offers = new LinkedBlockingQueue<>(16);
  private volatile String state = "starting";

  /**
   * @param config seeds and shards
   * @param self who this node is
   * @param membership what is on its disk
   * @param peers connections
   * @param newClusterId draws a random id
   */
  public Formation(
      NodeConfig config,
      NodeRecord self,
      Membership membership,
      PeerClient peers,
      Supplier<UUID> newClusterId) {
    this.config = config;
    this.self = self;
    this.membership = membership;
    this.peers = peers;
    this.newClusterId = newClusterId;
  }

  /** What it is waiting for, one line. */
  public String state() {
    return state;
  }

  /** Returns once the node's disk says which cluster it belongs to. Interruptible. */
  public void run() throws IOException, InterruptedException {
    String said = "";
    while (true) {
      FormationDecision.Local local =
          new FormationDecision.Local(self, membership.cluster(), membership.plan());
      Step step =
          local.cluster().isPresent()
              ? new Step.Run()
              : FormationDecision.next(local, askSeeds(), config.initialNodes());
      state = step.toString();
      if (!state.equals(said) && !(step instanceof Step.Run)) {
        said = state;
        Logs.CLUSTER.atInfo().addKeyValue("step", step).log("formation");
      }
      long pause = PAUSE_MILLIS;
      switch (step) {
        case Step.Run run -> {
          state = "member";
          return;
        }
        case Step.DrawUp drawUp -> {
          ClusterPlan plan =
              new ClusterPlan(
                  newClusterId.get(), drawUp.members(), config.shards(), config.splitKeys());
          membership.accept(plan);
          pause = 0;
        }
        case Step.TakeOver takeOver -> takeOver(takeOver);
        case Step.Join join -> {
          membership.join(join.cluster());
          pause = 0;
        }
        case Step.Wait wait -> {}
        case Step.Refuse refuse -> {
          Logs.CLUSTER.error("can not form a cluster: {}", refuse.reason());
          pause = REFUSED_PAUSE_MILLIS;
        }
      }
      Offer offer = offers.poll(pause, TimeUnit.MILLISECONDS);
      if (offer != null) {
        consider(offer);
      }
    }
  }

  /** Another node offers its plan; the answer comes when this node's disk has it, or not. */
  public CompletableFuture<FormReply> offer(FormRequest request) {
    ClusterPlan plan = fromProto(request);
    Optional<UUID> cluster = membership.cluster();
    if (cluster.isPresent()) {
      return CompletableFuture.completedFuture(
          cluster.get().equals(plan.cluster())
              ? FormReply.newBuilder().setAccepted(true).build()
              : refusal("node " + self.name() + " belongs to cluster " + cluster.get()));
    }
    Offer offer = new Offer(plan, new CompletableFuture<>());
    if (!offers.offer(offer)) {
      return CompletableFuture.completedFuture(refusal("too many plans offered at once"));
    }
    return offer.reply();
  }

  private void consider(Offer offer) throws IOException {
    if (!offer.plan().includes(self.id())) {
      offer
          .reply()
          .complete(refusal("this is node " + self.id() + ", which the plan does not name"));
      return;
    }
    membership.accept(offer.plan());
    offer.reply().complete(FormReply.newBuilder().setAccepted(true).build());
  }

  private static FormReply refusal(String reason) {
    return FormReply.newBuilder().setAccepted(false).setReason(reason).build();
  }

  /** Hands the plan to the other members, so that they need not find it by asking. Best effort. */
  public void push(ClusterPlan plan) {
    for (NodeRecord member : plan.members()) {
      if (!member.id().equals(self.id())) {
        var _ =
            peers
                .call(
                    HostPort.parse(member.clientAddress()),
                    Optional.of(member.id()),
                    Envelope.newBuilder().setForm(toProto(plan)),
                    PROBE_TIMEOUT)
                .whenComplete((reply, failure) -> {
                  if (failure == null && !reply.getFormReply().getAccepted()) {
                    Logs.CLUSTER
                        .atWarn()
                        .addKeyValue("member", member.name())
                        .log("plan refused: {}", reply.getFormReply().getReason());
                  }
                });
      }
    }
  }

  private void takeOver(Step.TakeOver step) throws IOException, InterruptedException {
    try {
      Envelope reply =
          peers
              .call(
                  step.from(),
                  Optional.empty(),
                  AdminCommands.request(AdminCommands.PLAN, ByteString.EMPTY),
                  PROBE_TIMEOUT)
              .get();
      ClusterPlan plan = fromProto(FormRequest.parseFrom(reply.getAdminReply().getPayload()));
      if (plan.cluster().equals(step.cluster()) && plan.includes(self.id())) {
        membership.accept(plan);
      }
    } catch (ExecutionException e) {
      Logs.CLUSTER.info("plan not fetched, will try again: {}", String.valueOf(e.getCause()));
    }
  }

  private List<Seed> askSeeds() throws InterruptedException {
    List<CompletableFuture<Envelope>> answers = new ArrayList<>();
    for (HostPort seed : config.seeds()) {
      answers.add(
          peers.call(
              seed,
              Optional.empty(),
              Envelope.newBuilder()
                  .setJoin(
                      JoinRequest.newBuilder().setSelf(Protos.toProto(self)).setProbeOnly(true)),
              PROBE_TIMEOUT));
    }
    List<Seed> seeds = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      HostPort address = config.seeds().get(i);
      try {
        seeds.add(new Seed(address, view(answers.get(i).get().getJoinReply())));
      } catch (ExecutionException | IllegalArgumentException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        seeds.add(new Seed(address, new View.Unreachable(String.valueOf(cause.getMessage()))));
      }
    }
    return seeds;
  }

  private static View view(JoinReply reply) {
    NodeRecord node = Protos.fromProto(reply.getSelf());
    if (reply.getClusterId().isEmpty()) {
      return new View.Fresh(node);
    }
    return new View.Member(
        node,
        UUID.fromString(reply.getClusterId()),
        reply.getMetaMembersList().stream().map(Protos::fromProto).toList());
  }

  /** A plan for the wire. */
  public static FormRequest toProto(ClusterPlan plan) {
    FormRequest.Builder proto =
        FormRequest.newBuilder().setClusterId(plan.cluster().toString()).setShards(plan.shards());
    plan.members().forEach(m -> proto.addMembers(Protos.toProto(m)));
    plan.splitKeys().forEach(k -> proto.addSplitKeys(ByteString.copyFrom(k)));
    return proto.build();
  }

  private static ClusterPlan fromProto(FormRequest proto) {
    return new ClusterPlan(
        UUID.fromString(proto.getClusterId()),
        proto.getMembersList().stream().map(Protos::fromProto).toList(),
        proto.getShards(),
        proto.getSplitKeysList().stream().map(ByteString::toByteArray).toList());
  }

  /** What this node tells a node that asks who it is. */
  public static JoinReply whoIsThis(
      NodeRecord self, Optional<UUID> cluster, @Nullable ClusterPlan plan) {
    JoinReply.Builder reply = JoinReply.newBuilder().setSelf(Protos.toProto(self));
    cluster.ifPresent(c -> reply.setClusterId(c.toString()));
    if (plan != null) {
      plan.members().forEach(m -> reply.addMetaMembers(Protos.toProto(m)));
    }
    return reply.build();
  }
}
