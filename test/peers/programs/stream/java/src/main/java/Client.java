import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A client of the bridge's stream in Java (java.net.http), written from docs/websocket.md.
 *
 * <pre>client TYPE URL...</pre>
 *
 * It follows events of one type from now on. After a broken connection it goes on where it was, at the next URL. Each event is a line
 * {"event", "id", "hash"}; besides it says {"live"} and {"gap"}.
 */
public final class Client {
  private static final String SUBPROTOCOL = "gossip-bridge.v1+json";
  /** The server says something every 10 s. */
  private static final Duration SILENCE = Duration.ofSeconds(25);
  private static final long FIRST_WAIT_MS = 100;
  private static final long LONGEST_WAIT_MS = 2000;
  private static final int BROKE_THE_PROTOCOL = 4400;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(SILENCE).build();
  private final Set<String> seen = new HashSet<>();
  private final String eventType;
  /** Where to go on; null before the first place is known. */
  private String cursor;
  private long waitMs = FIRST_WAIT_MS;

  private Client(String eventType) {
    this.eventType = eventType;
  }

  public static void main(String[] arguments) throws InterruptedException, IOException {
    if (arguments.length < 2) {
      System.err.println("usage: client TYPE URL...");
      System.exit(2);
    }
    Client client = new Client(arguments[0]);
    for (int count = 0; ; count++) {
      int code = client.follow(URI.create(arguments[1 + count % (arguments.length - 1)]));
      if (code == BROKE_THE_PROTOCOL) {
        System.err.println("the server does not understand this client: closed with " + code);
        System.exit(1);
      }
      Thread.sleep((long) (client.waitMs * (0.5 + Math.random())));
      client.waitMs = Math.min(2 * client.waitMs, LONGEST_WAIT_MS);
    }
  }

  /** One connection, until it ends; the code with which the server closed it, or 0. */
  private int follow(URI url) throws InterruptedException, IOException {
    Frames frames = new Frames();
    WebSocket socket;
    try {
      socket = http.newWebSocketBuilder().subprotocols(SUBPROTOCOL).connectTimeout(SILENCE).buildAsync(url, frames).join();
    } catch (CompletionException refused) {
      return 0;
    }
    try {
      while (true) {
        String text = frames.next();
        if (text == null) return frames.closeCode;
        JsonNode message = JSON.readTree(text);
        if (message.path("type").asText().equals("hello")) {
          if (cursor == null) cursor = message.path("newest").textValue();
          socket.sendText(subscription(), true).join();
        }
        handle(message);
      }
    } catch (CompletionException gone) {
      return frames.closeCode;
    } finally {
      socket.abort();
    }
  }

  private String subscription() {
    ObjectNode ask = JSON.createObjectNode().put("type", "subscribe");
    ask.putArray("types").add(eventType);
    if (cursor == null) ask.put("since", 0);
    else ask.put("cursor", cursor);
    return ask.toString();
  }

  private void handle(JsonNode message) {
    switch (message.path("type").asText()) {
      case "event" -> {
        String id = message.path("id").asText();
        String hash = message.path("data").path("subtree").path("hash").asText();
        if (seen.add(id)) say(JSON.createObjectNode().put("event", "event").put("id", id).put("hash", hash));
      }
      case "gap" -> say(JSON.createObjectNode().put("event", "gap").put("reason", message.path("reason").asText()));
      case "caught-up" -> {
        waitMs = FIRST_WAIT_MS;
        say(JSON.createObjectNode().put("event", "live"));
      }
      default -> {}
    }
    if (message.path("cursor").isTextual()) cursor = message.path("cursor").textValue();
  }

  private static void say(ObjectNode line) {
    System.out.println(line);
    System.out.flush();
  }

  /** The messages of a connection, each put together of its parts. */
  private static final class Frames implements WebSocket.Listener {
    private static final String END = "";

    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    volatile int closeCode;

    /** Null when the connection has ended, or was silent for too long. */
    String next() throws InterruptedException {
      String message = messages.poll(SILENCE.toSeconds(), TimeUnit.SECONDS);
      return message == null || message.equals(END) ? null : message;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean isLast) {
      text.append(part);
      if (isLast) {
        messages.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closeCode = code;
      messages.add(END);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      messages.add(END);
    }
  }
}
