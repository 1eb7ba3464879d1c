package org.ferrisdb.node.health;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.MapRequest;
import org.ferrisdb.client.wire.StatusRequest;
import org.ferrisdb.node.health.NodeAnswer.Member;

/**
 * Asks every node of a cluster how it sees things, all at once and each within a time. It speaks
 * the wire protocol over plain sockets, without the client library: that one looks for a node that
 * works, this one wants to know about each that does not. Thread-safe, holds nothing open.
 */
public final class ClusterProbe {
  private final Duration patience;
  private final String network;

  /**
   * Makes a probe.
   *
   * @param patience how long each node may take, to connect and to answer
   */
  public ClusterProbe(Duration patience) {
    this(patience, "");
  }

  /**
   * The same for one of the networks in which nodes have addresses.
   *
   * @param network its name; empty: that of the addresses that are asked
   */
  public ClusterProbe(Duration patience, String network) {
    this.patience = patience;
    this.network = network;
  }

  /**
   * Asks these addresses, and then the nodes that the answers name.
   *
   * @param addresses host:port of front doors
   */
  public ClusterPicture look(Collection<String> addresses) {
    return ClusterPicture.of(ask(addresses));
  }

  /** The same, answer by answer; also of those that do not answer. */
  public List<NodeAnswer> ask(Collection<String> addresses) {
    Map<String, NodeAnswer> answers = new LinkedHashMap<>();
    Set<String> toAsk = new LinkedHashSet<>(addresses);
    while (!toAsk.isEmpty()) {
      askAll(toAsk).forEach(a -> answers.put(a.address(), a));
      toAsk.clear();
      for (NodeAnswer a : answers.values()) {
        for (Member m : a.members()) {
          if (!m.gone() && !answers.containsKey(m.clientAddress())) {
            toAsk.add(m.clientAddress());
          }
        }
      }
    }
    return List.copyOf(answers.values());
  }

  private List<NodeAnswer> askAll(Collection<String> addresses) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<NodeAnswer>> futures = new ArrayList<>();
      for (String address : addresses) {
        futures.add(threads.submit(() -> askOne(address)));
      }
      List<NodeAnswer> answers = new ArrayList<>();
      for (Future<NodeAnswer> f : futures) {
        answers.add(f.get());
      }
      return answers;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return addresses.stream().map(a -> NodeAnswer.none(a, "interrupted")).toList();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Asks this address alone, and nobody whom its answer names. */
  public NodeAnswer askOne(String address) {
    try (NodeConversation node = NodeConversation.open(address, network, patience)) {
      // Either may be refused, by a node without a cluster for one: the default says nothing then.
      Envelope map = node.call(Envelope.newBuilder().setMap(MapRequest.getDefaultInstance()));
      Envelope status =
          node.call(Envelope.newBuilder().setStatus(StatusRequest.newBuilder().setLocalOnly(true)));
      return AnswerParser.parse(
          address, node.hello(), map.getMapReply(), status.getStatusReply().getJson());
    } catch (ConnectException e) {
      return NodeAnswer.none(address, "connection refused");
    } catch (SocketTimeoutException e) {
      return NodeAnswer.none(address, "no answer in " + patience.toMillis() + " ms");
    } catch (UnknownHostException e) {
      return NodeAnswer.none(address, "unknown host");
    } catch (IOException e) {
      return NodeAnswer.none(address, "connection broken: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      return NodeAnswer.none(address, "not a host:port");
    }
  }
}
