package org.ferrisdb.node.health;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.HelloReply;

/**
 * A connection to one node's front door over a plain socket, one request at a time. Nothing is
 * tried twice and no leader is followed: it is for who wants to hear from this node. Not
 * thread-safe.
 */
final class NodeConversation implements AutoCloseable {
  private static final int MAX_REPLY_BYTES = 16 * 1024 * 1024;

  private final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;
  private final int patienceMillis;
  private final HelloReply hello;
  private long lastId;

  private NodeConversation(Socket socket, String address, String network, int patienceMillis)
      throws IOException {
    this.socket = socket;
    this.out = new DataOutputStream(socket.getOutputStream());
    this.in = new DataInputStream(socket.getInputStream());
    this.patienceMillis = patienceMillis;
    Envelope reply =
        call(
            Envelope.newBuilder()
                .setHello(
                    Hello.newBuilder()
                        .setProtocolVersion(1)
                        .setPeerName("ferris status")
                        .setNetwork(network)
                        .addDialedAddresses(address)
                        .addDialedAddresses(
                            socket.getInetAddress().getHostAddress() + ":" + socket.getPort())));
    if (!reply.hasHelloReply()) {
      throw new IOException("refused: " + reply.getError().getMessage());
    }
    this.hello = reply.getHelloReply();
  }

  /**
   * Connects and shakes hands.
   *
   * @param address host:port
   * @param network in which network's addresses to answer; empty: that of the address
   * @param patience for connecting, and for each answer
   * @throws IllegalArgumentException if the address is none
   */
  static NodeConversation open(String address, String network, Duration patience)
      throws IOException {
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not a host:port: " + address);
    }
    int port = Integer.parseInt(address.substring(colon + 1));
    InetSocketAddress to = new InetSocketAddress(address.substring(0, colon), port);
    if (to.isUnresolved()) {
      throw new UnknownHostException(address);
    }
    int millis = (int) patience.toMillis();
    Socket socket = new Socket();
    try {
      socket.connect(to, millis);
      socket.setSoTimeout(millis);
      socket.setTcpNoDelay(true);
      return new NodeConversation(socket, address, network, millis);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Who answers. */
  HelloReply hello() {
    return hello;
  }

  /** Sends a request and waits for its reply, an error reply too. */
  Envelope call(Envelope.Builder request) throws IOException {
    long id = ++lastId;
    byte[] bytes = request.setId(id).setDeadlineMillis(patienceMillis).build().toByteArray();
    byte[] frame = new byte[4 + bytes.length];
    frame[0] = (byte) (bytes.length >>> 24);
    frame[1] = (byte) (bytes.length >>> 16);
    frame[2] = (byte) (bytes.length >>> 8);
    frame[3] = (byte) bytes.length;
    System.arraycopy(bytes, 0, frame, 4, bytes.length);
    out.write(frame);
    out.flush();
    while (true) {
      int length = in.readInt();
      if (length < 0 || length > MAX_REPLY_BYTES) {
        throw new IOException("not a FerrisDB node");
      }
      byte[] reply = new byte[length];
      in.readFully(reply);
      Envelope envelope = Envelope.parseFrom(reply);
      if (envelope.getId() == id) {
        return envelope;
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
