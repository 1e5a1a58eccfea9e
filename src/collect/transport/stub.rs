//! A service of a few lines on the loopback interface.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the stub answers.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    /// Promise more than is sent, and keep the connection open.
    pub(crate) stalled: bool,
}

impl Reply {
    pub(crate) fn xml(status: u16, body: &str) -> Self {
        Self { status, content_type: "text/xml", body: body.to_owned(), stalled: false }
    }
}

pub(crate) struct Stub {
    pub(crate) url: String,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Stub {
    /// Answers each request, given as text, with what `answer` says; requests are counted from 1.
    pub(crate) async fn start(answer: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, answer) = (Arc::clone(&requests), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (count, answer) = (Arc::clone(&count), Arc::clone(&answer));
                tokio::spawn(async move { serve(stream, &count, &*answer).await });
            }
        });
        Self { url, requests, task }
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, count: &AtomicUsize, answer: &(dyn Fn(&str, usize) -> Reply + Sync)) {
    let Some(request) = read(&mut stream).await else { return };
    let reply = answer(&request, count.fetch_add(1, Ordering::SeqCst) + 1);
    let promised = reply.body.len() + if reply.stalled { 100 } else { 0 };
    let Reply { status, content_type, body, stalled } = reply;
    let answer = format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: {content_type}\r\ncontent-length: {promised}\r\n\
         x-amzn-requestid: {promised}\r\nconnection: close\r\n\r\n{body}"
    );
    // A client that has gone away is what some tests are about.
    let _ = stream.write_all(answer.as_bytes()).await;
    if stalled {
        std::future::pending::<()>().await;
    }
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let length = stream.read(&mut chunk).await.ok().filter(|&length| length > 0)?;
        bytes.extend_from_slice(&chunk[..length]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let lengths = head.lines().filter_map(|line| line.split_once(": "));
        let mut length = lengths.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if body.len() >= length.find_map(|(_, value)| value.parse().ok()).unwrap_or(0) {
            return Some(text.into_owned());
        }
    }
}
