package org.ferrisdb.node.health;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
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
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.MapRequest;
import org.ferrisdb.client.wire.StatusRequest;
import org.ferrisdb.node.health.NodeAnswer.Member;

/**
 * Asks every node of a cluster how it sees things, all at once and each within a time. It speaks
 * the wire protocol over plain sockets, without the client library: that one looks for a node that
 * works, this one wants to know about each that does not. Thread-safe, holds nothing open.
 */
public final class ClusterProbe {
  private static final int MAX_REPLY_BYTES = 16 * 1024 * 1024;

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
    int colon = address.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      int port = Integer.parseInt(address.substring(colon + 1));
      InetSocketAddress to = new InetSocketAddress(address.substring(0, colon), port);
      if (to.isUnresolved()) {
        return NodeAnswer.none(address, "unknown host");
      }
      int millis = (int) patience.toMillis();
      socket.connect(to, millis);
      socket.setSoTimeout(millis);
      socket.setTcpNoDelay(true);
      return converse(address, socket);
    } catch (ConnectException e) {
      return NodeAnswer.none(address, "connection refused");
    } catch (SocketTimeoutException e) {
      return NodeAnswer.none(address, "no answer in " + patience.toMillis() + " ms");
    } catch (UnknownHostException e) {
      return NodeAnswer.none(address, "unknown host");
    } catch (IOException e) {
      return NodeAnswer.none(address, "connection broken: " + e.getMessage());
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return NodeAnswer.none(address, "not a host:port");
    }
  }

  private NodeAnswer converse(String address, Socket socket) throws IOException {
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int millis = (int) patience.toMillis();
    send(
        out,
        Envelope.newBuilder()
            .setId(1)
            .setHello(
                Hello.newBuilder()
                    .setProtocolVersion(1)
                    .setPeerName("ferris status")
                    .setNetwork(network)
                    .addDialedAddresses(address)
                    .addDialedAddresses(
                        socket.getInetAddress().getHostAddress() + ":" + socket.getPort())));
    Envelope hello = receive(in, 1);
    if (!hello.hasHelloReply()) {
      throw new IOException("refused: " + hello.getError().getMessage());
    }
    MapRequest map = MapRequest.getDefaultInstance();
    send(out, Envelope.newBuilder().setId(2).setDeadlineMillis(millis).setMap(map));
    StatusRequest status = StatusRequest.newBuilder().setLocalOnly(true).build();
    send(out, Envelope.newBuilder().setId(3).setDeadlineMillis(millis).setStatus(status));
    // Either may be refused, by a node without a cluster for one: the default says nothing then.
    return AnswerParser.parse(
        address,
        hello.getHelloReply(),
        receive(in, 2).getMapReply(),
        receive(in, 3).getStatusReply().getJson());
  }

  private static void send(DataOutputStream out, Envelope.Builder envelope) throws IOException {
    byte[] bytes = envelope.build().toByteArray();
    byte[] frame = new byte[4 + bytes.length];
    frame[0] = (byte) (bytes.length >>> 24);
    frame[1] = (byte) (bytes.length >>> 16);
    frame[2] = (byte) (bytes.length >>> 8);
    frame[3] = (byte) bytes.length;
    System.arraycopy(bytes, 0, frame, 4, bytes.length);
    out.write(frame);
    out.flush();
  }

  private static Envelope receive(DataInputStream in, long id) throws IOException {
    while (true) {
      int length = in.readInt();
      if (length < 0 || length > MAX_REPLY_BYTES) {
        throw new IOException("not a FerrisDB node");
      }
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      Envelope envelope = Envelope.parseFrom(bytes);
      if (envelope.getId() == id) {
        return envelope;
      }
    }
  }
}
