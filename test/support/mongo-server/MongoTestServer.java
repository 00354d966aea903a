import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.net.InetSocketAddress;
import java.util.List;

/** Serves an empty database in memory on a free loopback port, prints its URI, ends with its input. */
public final class MongoTestServer {
    /** The driver refuses servers below wire version 9 (MongoDB 4.4), the number this one stops short of. */
    private static final MongoVersion VERSION = new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
            return ServerVersion.MONGO_5_0.getVersionArray();
        }

        @Override
        public int getWireVersion() {
            return 9;
        }
    };

    public static void main(String[] args) throws Exception {
        MongoServer server = new MongoServer(new MemoryBackend().version(VERSION));
        InetSocketAddress address = server.bind();
        System.out.println("mongodb://127.0.0.1:" + address.getPort());
        System.out.flush();
        while (System.in.read() >= 0) {
            // The process that started us closes our input when it ends, however it ends.
        }
        server.shutdownNow();
    }
}
