//! One Chinese word for each thing, in the window, on the command line and in its help.

/// The word, what it is for, and others that would do but are not used, so that a person never wonders whether two words
/// mean two things.
pub const GLOSSARY: [(&str, &str, &[&str]); 22] = [
    ("face", "人脸", &["脸部", "面部", "面孔"]),
    ("subject, person", "人物", &["主体", "对象人"]),
    ("name of a person", "姓名", &["人名称"]),
    ("enroll", "入库", &["录入", "注册"]),
    ("gallery", "图库", &["画廊", "底库"]),
    ("probe", "待查人脸", &["探针", "查询人脸"]),
    ("candidate", "候选", &["备选"]),
    ("search", "检索", &["搜寻", "查询"]),
    ("score", "评分、分数", &["打分"]),
    ("threshold", "阈值", &["门限", "阀值"]),
    ("embedding", "特征向量", &["嵌入向量", "特征值"]),
    ("crop", "裁剪图", &["截图", "裁切"]),
    ("template", "模板", &["模版", "样板"]),
    ("index", "索引", &["检索库"]),
    ("generation", "版本", &["世代"]),
    ("recall", "召回率", &["查全率"]),
    ("false alarm", "误报", &["虚警"]),
    ("missed", "漏检", &["漏报"]),
    ("job", "任务", &["作业"]),
    ("load", "载入", &["加载"]),
    ("click", "点击", &["单击", "点选"]),
    ("you", "您", &["你们"]),
];

/// Where a text uses another word than the glossary's.
pub fn strays(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let of = |line: &str| -> Vec<String> {
        let used = GLOSSARY.iter().flat_map(|(_, word, others)| {
            others.iter().filter(|other| line.contains(**other)).map(move |other| format!("{other}, not {word}"))
        });
        used.map(|what| format!("{what}: {line}")).collect()
    };
    lines.flat_map(of).collect()
}

#[test]
fn another_word_is_seen() {
    assert_eq!(strays("a = 作业已完成\n# 作业\nb = 任务已完成"), ["作业, not 任务: a = 作业已完成"]);
}
