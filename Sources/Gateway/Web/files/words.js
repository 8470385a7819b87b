// The words of the pages, in English and Chinese, and the two switches in their head.

const words = {
    en: {
        skip: "Skip to the question", home: "Start", reference: "API reference", theme: "Light / dark",
        playground: "Playground",
        lead: "Ask a model through this gateway. The request is shown below as curl, Python and JavaScript.",
        key: "API key", keynote: "It stays in this page and is sent to this gateway only.",
        keydemo: "An emulator answers here: any word is a key.", keyfree: "This gateway needs no key.",
        model: "Model", models: "{n} models in the catalogue fit.", modelshidden: "The catalogue is shown once the key is accepted.",
        stream: "Stream", thinking: "Thinking", system: "System instruction", temperature: "Temperature",
        maximum: "Maximum output tokens", prompt: "Your question", input: "Text", query: "Query",
        documents: "Documents, one a line", picture: "Picture", pictureURL: "or its address", send: "Send", stop: "Stop",
        clear: "New conversation", shortcut: "Ctrl + Enter sends.", code: "The request", copy: "Copy", copied: "Copied",
        showkey: "with the key", thought: "Thoughts", first: "First request", firsttoken: "first token", total: "total",
        tokens: "tokens", status: "status", attempts: "attempts", stopped: "Stopped.", none: "Nothing came back.",
        repairs: "Reported repairs",
        repairstext: "Where a request has to be changed for the model, the answer says so in x-gateway-adjustments. With the header x-gateway-strict: true it is refused instead.",
        errors: "Errors",
        errorstext: "Errors have the caller's dialect and the status that fits. DashScope's own code is error.upstream_code, its request id the header x-request-id. After a stream has begun, an error is one event, without [DONE].",
        field: "Field", type: "Type", meaning: "What it does", required: "Required.", array: "array of {n}",
        colon: ": ", otherwise: "default", unreachable: "The gateway cannot be reached.",
        about: "OpenAI and Anthropic clients on Alibaba Cloud Model Studio (DashScope), through its native API.",
        open: "Open the playground and the API reference", here: "This gateway", endpoints: "Endpoints",
        programs: "Programs get this page as JSON.", version: "Version", upstream: "Upstream", listeners: "Listening on",
        limits: "Limits", largest: "Largest body",
        imageprompt: "What the picture shows", videoprompt: "What the video shows", hints: "Words that may occur, if you like",
        sample: "Hello", imagesample: "A red fox in the snow, in the light of the morning",
        speechsample: "Hello! This is how it sounds.", videosample: "A cat runs over a meadow", hintssample: "",
        size: "Size", count: "How many", seconds: "Seconds", voice: "Voice", soundformat: "Format",
        voicenote: "A voice of the model or one of OpenAI's names. WAV and PCM are heard as they come.",
        textformat: "Form of the answer", spoken: "Language", pictures: "Pictures to change, if any", recording: "Recording",
        firstframe: "First frame, if any", clearall: "Clear", save: "Save", working: "In progress", firstbyte: "first byte",
        usedimages: "images", usedcharacters: "characters", usedseconds: "seconds", queued: "Waiting for its turn",
        in_progress: "Being made", completed: "Made", failed: "Failed", downloading: "Being fetched",
        broken: "The answer broke off.",
        goeson: "Stopped asking. The video is being made all the same.",
    },
    zh: {
        skip: "跳到提问", home: "首页", reference: "接口参考", theme: "浅色 / 深色", playground: "在线试用",
        lead: "通过本网关向模型提问。请求的 curl、Python 和 JavaScript 写法见下方。",
        key: "API 密钥", keynote: "密钥只留在本页面，只发给本网关。", keydemo: "这里由模拟器应答，密钥可以随便填。",
        keyfree: "本网关无需密钥。", model: "模型", models: "目录中有 {n} 个适用模型。", modelshidden: "密钥有效后显示模型目录。",
        stream: "流式输出", thinking: "思考", system: "系统指令", temperature: "温度", maximum: "最大输出 Token 数",
        prompt: "你的问题", input: "文本", query: "查询", documents: "文档，每行一篇", picture: "图片", pictureURL: "或其地址",
        send: "发送", stop: "停止", clear: "新对话", shortcut: "按 Ctrl + Enter 发送。", code: "请求代码", copy: "复制", copied: "已复制",
        showkey: "包含密钥", thought: "思考过程", first: "第一个请求", firsttoken: "首个 Token", total: "总耗时", tokens: "Token",
        status: "状态码", attempts: "尝试次数", stopped: "已停止。", none: "没有返回内容。", repairs: "请求调整",
        repairstext: "为适配模型而改动请求时，应答会在 x-gateway-adjustments 中说明。请求头 x-gateway-strict: true 表示改为拒绝。",
        errors: "错误",
        errorstext: "错误采用调用方的格式和对应的状态码。DashScope 的错误码在 error.upstream_code 中，请求 ID 在响应头 x-request-id 中。流开始后出错时会收到一个错误事件，不再有 [DONE]。",
        field: "字段", type: "类型", meaning: "作用", required: "必填。", array: "array<{n}>", colon: "：",
        otherwise: "其他", unreachable: "无法连接网关。",
        about: "让 OpenAI 和 Anthropic 客户端通过原生接口使用阿里云百炼（DashScope）。",
        open: "打开在线试用和接口参考", here: "本网关", endpoints: "接口", programs: "程序访问本地址得到 JSON。", version: "版本",
        upstream: "上游", listeners: "监听地址", limits: "限额", largest: "请求体上限",
        Chat: "对话", Completions: "补全", Embeddings: "向量", Rerank: "重排序", Images: "图像", Speech: "语音合成",
        Transcription: "语音识别", Video: "视频",
        imageprompt: "画面内容", videoprompt: "视频内容", hints: "可能出现的词语（可不填）",
        sample: "你好", imagesample: "雪地里的一只红狐狸，清晨的阳光", speechsample: "你好！听听这个声音。",
        videosample: "一只猫跑过草地", hintssample: "",
        size: "尺寸", count: "数量", seconds: "秒数", voice: "音色", soundformat: "格式",
        voicenote: "模型的音色，或 OpenAI 的音色名。WAV 和 PCM 边生成边播放。",
        textformat: "结果格式", spoken: "语种", pictures: "要编辑的图片（可不选）", recording: "录音文件", firstframe: "首帧图片（可不选）",
        clearall: "清空", save: "保存", working: "处理中", firstbyte: "首字节", usedimages: "图片数", usedcharacters: "字符数",
        usedseconds: "秒数", queued: "排队中", in_progress: "生成中", completed: "已完成", failed: "失败", downloading: "下载中",
        broken: "应答中断。", goeson: "已停止查询，视频仍在生成。",
    },
};

let language = stored("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");

// Private windows may refuse to keep anything.
function stored(name) {
    try { return localStorage.getItem(name); } catch { return null; }
}

function store(name, value) {
    try { localStorage.setItem(name, value); } catch { /* It lasts as long as the page, then. */ }
}

/** Whether the page is in Chinese. */
export const isChinese = () => language === "zh";

/** A word in the page's language; `{n}` becomes the number. */
export function word(name, number) {
    return (words[language][name] ?? words.en[name] ?? name).replace("{n}", number);
}

/** Puts every marked element into the page's language. */
export function translate() {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
    document.getElementById("language").textContent = language === "zh" ? "English" : "中文";
}

/** Makes the switches of the head work; `changed` is called when the language is another. */
export function prepareHead(changed) {
    const root = document.documentElement;
    const theme = stored("theme");
    if (theme) root.dataset.theme = theme;
    document.getElementById("theme").addEventListener("click", () => {
        const isDark = getComputedStyle(root).colorScheme === "dark"
            || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
        root.dataset.theme = isDark ? "light" : "dark";
        store("theme", root.dataset.theme);
    });
    document.getElementById("language").addEventListener("click", () => {
        language = language === "zh" ? "en" : "zh";
        store("language", language);
        translate();
        changed();
    });
    translate();
}

/** An element with a class and a text. */
export function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
}
